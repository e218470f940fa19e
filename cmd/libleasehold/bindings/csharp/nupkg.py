"""Packs a folder as a NuGet package whose description is that of a project file. The same files give the same bytes.

    nupkg.py PROJECT.csproj FOLDER OUT.nupkg
"""
import hashlib
import os
import struct
import sys
import time
import xml.etree.ElementTree as ET
import zipfile
from xml.sax.saxutils import escape

project, folder, out = sys.argv[1:]
properties = {e.tag: e.text for group in ET.parse(project).getroot().findall("PropertyGroup") for e in group}
frameworks = properties["TargetFrameworks"].split(";")
if sorted(frameworks) != sorted(os.listdir(os.path.join(folder, "lib"))):
    sys.exit(f"the project is for {frameworks}, and the folder has {os.listdir(os.path.join(folder, 'lib'))}")


def settled(dll):
    """An assembly without the time and the random number that Mono's compiler puts into it."""
    data = bytearray(dll)
    pe = struct.unpack_from("<I", data, 0x3C)[0]
    struct.pack_into("<I", data, pe + 8, 0)
    root = data.index(b"BSJB")
    at = root + 16 + struct.unpack_from("<I", data, root + 12)[0] + 4
    for _ in range(struct.unpack_from("<H", data, at - 2)[0]):
        offset, size = struct.unpack_from("<II", data, at)
        end = data.index(0, at + 8)
        name = bytes(data[at + 8:end])
        at += 8 + (len(name) // 4 + 1) * 4
        if name == b"#GUID":
            data[root + offset:root + offset + 16] = bytes(16)
            data[root + offset:root + offset + 16] = hashlib.sha256(data).digest()[:16]
    return bytes(data)


files = {}
for directory, _, names in os.walk(folder):
    for name in names:
        path = os.path.join(directory, name)
        with open(path, "rb") as f:
            files[os.path.relpath(path, folder).replace(os.sep, "/")] = f.read()
for name in files:
    if name.startswith("lib/") and name.endswith(".dll"):
        files[name] = settled(files[name])
identity = properties["PackageId"]
groups = "".join(f'\n      <group targetFramework="{f}" />' for f in (".NETFramework4.7.2" if f == "net472" else ".NETCoreApp3.1" for f in frameworks))
files[f"{identity}.nuspec"] = f"""<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
  <metadata>
    <id>{identity}</id>
    <version>{properties["Version"]}</version>
    <authors>{escape(properties["Authors"])}</authors>
    <license type="expression">{properties["PackageLicenseExpression"]}</license>
    <readme>{properties["PackageReadmeFile"]}</readme>
    <projectUrl>{properties["PackageProjectUrl"]}</projectUrl>
    <description>{escape(properties["Description"])}</description>
    <dependencies>{groups}
    </dependencies>
  </metadata>
</package>
""".encode()
extensions = sorted({name.rsplit(".", 1)[1] for name in files if "." in os.path.basename(name)} - {"rels"})
files["[Content_Types].xml"] = ("""<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
  <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml" />
""" + "".join(f'  <Default Extension="{x}" ContentType="application/octet-stream" />\n' for x in extensions) + "".join(
    f'  <Override PartName="/{name}" ContentType="application/octet-stream" />\n' for name in sorted(files) if "." not in os.path.basename(name)) + "</Types>\n").encode()
files["_rels/.rels"] = f"""<?xml version="1.0" encoding="utf-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
  <Relationship Type="http://schemas.microsoft.com/packaging/2010/07/manifest" Target="/{identity}.nuspec" Id="R1" />
</Relationships>
""".encode()
when = time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"]))[:6]
with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
    for name in sorted(files):
        entry = zipfile.ZipInfo(name, when)
        entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
        archive.writestr(entry, files[name])
