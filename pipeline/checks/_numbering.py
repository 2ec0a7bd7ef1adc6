"""Stand-in for normalizers.formulas."""
from __future__ import annotations
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

@dataclass(frozen=True)
class Formula:
    labels: tuple[str, ...]
    tokens: tuple[str, ...]
    divides: bool
    multiplies: bool
    def evaluate(self, values: Mapping[str, Decimal]) -> Decimal | None:
        toks=list(self.tokens); pos=0
        def atom():
            nonlocal pos
            t=toks[pos]; pos+=1
            if t=='(':
                v=expr(); pos+=1; return v
            if t=='-': return -atom()
            return values[t] if t in values else Decimal(t)
        def term():
            nonlocal pos
            v=atom()
            while pos<len(toks) and toks[pos] in '*/':
                o=toks[pos]; pos+=1; w=atom()
                if o=='/' and w==0: raise ZeroDivisionError
                v = v*w if o=='*' else v/w
            return v
        def expr():
            nonlocal pos
            v=term()
            while pos<len(toks) and toks[pos] in '+-':
                o=toks[pos]; pos+=1; w=term()
                v = v+w if o=='+' else v-w
            return v
        return expr()

@dataclass(frozen=True)
class Numbering:
    label: str
    formula: Formula | None

def parse_numbering(text: str) -> Numbering | None:
    m=re.fullmatch(r'\s*\(?\s*(\d{1,2}|[a-z])\s*\)?\s*(?:=\s*(.+))?\s*',text)
    if not m: return None
    if not m.group(2): return Numbering(m.group(1),None)
    toks=re.findall(r'\d+|[a-z]|[-+*/()x:%]',m.group(2))
    toks=[{'x':'*',':':'/'}.get(t,t) for t in toks if t!='%']
    labels=tuple(dict.fromkeys(t for t in toks if re.fullmatch(r'\d+|[a-z]',t) and t!='100'))
    return Numbering(m.group(1),Formula(labels,tuple(toks),'/' in toks,'*' in toks))
