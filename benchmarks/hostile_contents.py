"""Hostile files: things that act, hide or carry."""

from __future__ import annotations

import io

from benchmarks.hostile_pdf import Dice, flate, kind, page, plain, stream, table


@kind
def encrypted(dice: Dice) -> bytes:
    import pikepdf

    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(plain(dice))) as made:
        strength = dice.choice([3, 4, 6])
        made.save(
            out,
            encryption=pikepdf.Encryption(
                owner="o", user="secret", R=strength, aes=strength > 3, metadata=strength > 3
            ),
        )
    return out.getvalue()


@kind
def javascript(dice: Dice) -> bytes:
    code = b"while(true){app.alert(1)}" if dice.random() < 0.5 else b"this.exportDataObject({cName:'x',nLaunch:2})"
    action = b"/OpenAction << /S /JavaScript /JS (%s) >> /AA << /WC << /S /JavaScript /JS (%s) >> >>" % (code, code)
    return page(stream(table(dice)), catalogue=action, extra=b"/AA << /O << /S /JavaScript /JS (%s) >> >>" % code)


@kind
def actions(dice: Dice) -> bytes:
    acts = [
        b"<< /S /Launch /F (/bin/sh) >>", b"<< /S /URI /URI (http://169.254.169.254/) >>",
        b"<< /S /GoToR /F (/etc/passwd) /D [0 /Fit] >>", b"<< /S /SubmitForm /F (http://127.0.0.1/) >>",
    ]  # fmt: skip
    return page(stream(table(dice)), catalogue=b"/OpenAction " + dice.choice(acts))


@kind
def embedded_files(dice: Dice) -> bytes:
    names = b"/Names << /EmbeddedFiles << /Names [(../../etc/cron.d/x) 6 0 R] >> >>"
    more = [
        b"<< /Type /Filespec /F (../../etc/cron.d/x) /EF << /F 7 0 R >> >>",
        flate(dice.randbytes(20_000), b"/Type /EmbeddedFile"),
    ]
    return page(stream(table(dice)), catalogue=names, more=more)


@kind
def outside_stream(dice: Dice) -> bytes:
    return page(
        stream(
            b"", b"/F (%s) /FFilter /FlateDecode" % dice.choice([b"/etc/passwd", b"//host/share", b"http://127.0.0.1/"])
        )
    )


@kind
def xml_bomb(dice: Dice) -> bytes:
    entities = b"".join(b'<!ENTITY a%d "%s">' % (n + 1, b"&a%d;" % n * 10) for n in range(dice.choice([5, 12])))
    xml = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "lol">%s]><x>&a5;</x>' % entities
    catalogue = b"/Metadata 6 0 R /AcroForm << /XFA 7 0 R >>"
    return page(
        stream(table(dice)), catalogue=catalogue, more=[stream(xml, b"/Type /Metadata /Subtype /XML"), stream(xml)]
    )


@kind
def odd_metadata(dice: Dice) -> bytes:
    title = dice.choice(
        [b"\xfe\xff\xd8\x00" * 500, b"A" * 10**6, b"=HYPERLINK(1)", b"\x00\x1b[2J", b"<script>alert(1)</script>"]
    )
    safe = title.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    return page(
        stream(table(dice)), more=[b"<< /Title (%s) /CreationDate (D:99999999999999) >>" % safe], trailer=b"/Info 6 0 R"
    )


@kind
def unmapped_fonts(dice: Dice) -> bytes:
    font = b"<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [7 0 R] %s >>"
    mapping = dice.choice([b"", b"/ToUnicode 8 0 R"])
    more = [
        font % mapping,
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) >> >>",
    ]
    more.append(stream(b"beginbfrange <0000> <FFFF> <D800> endbfrange " * dice.randrange(1, 2000)))
    codes = dice.randbytes(400).hex().encode()
    content = stream(b"BT /G 9 Tf 50 700 Td <%s> Tj ET\n" % codes + table(dice))
    body = page(content, more=more)
    return body.replace(b"/F 4 0 R", b"/F 4 0 R /G 6 0 R")


@kind
def broken_images(dice: Dice) -> bytes:
    filters = dice.choice(
        [b"/JBIG2Decode", b"/JPXDecode", b"/DCTDecode", b"/CCITTFaxDecode", b"/LZWDecode", b"/RunLengthDecode"]
    )
    head = (
        b"/Type /XObject /Subtype /Image /Width 3000 /Height 3000 /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter "
    )
    more = [stream(dice.randbytes(30_000), head + filters)]
    return page(stream(b"595 0 0 842 0 0 cm /I Do"), resources=b"/XObject << /I 6 0 R >>", more=more)
