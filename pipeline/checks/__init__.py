"""What a document claims about its own numbers, tested."""
