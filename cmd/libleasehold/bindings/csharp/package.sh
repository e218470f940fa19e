#!/bin/sh
# Makes the NuGet package, with the C library of each platform in it; see
# .ci/release/bindings. It is compiled by Mono's compiler: for .NET Framework
# against Mono's own assemblies, for .NET against those of the runtime 3.1, which
# the Python package dotnetcore2 carries. Later .NETs take that one.
set -eu
for tool in mcs python3; do
	command -v $tool >/dev/null || { echo "skipped: no $tool here for the NuGet package"; exit; }
done
python3 -m venv --help >/dev/null 2>&1 || { echo "skipped: no python3 with venv here for the NuGet package"; exit; }
[ "$(uname -m)" = x86_64 ] || { echo "skipped: the runtime that the NuGet package is compiled against is for x86_64"; exit; }
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check download --no-deps --only-binary :all: -d wheels dotnetcore2==3.1.23
python3 -m zipfile -e wheels/*.whl runtime
sh compile.sh net472 package/lib/net472
sh compile.sh netcoreapp3.1 package/lib/netcoreapp3.1 runtime
native() { # LIBRARY RUNTIME
	[ -f "$LIBRARIES/$1" ] || return 0
	mkdir -p "package/runtimes/$2/native"
	cp "$LIBRARIES/$1" "package/runtimes/$2/native/"
}
native linux_amd64/lib/libleasehold.so.1 linux-x64
native linux_arm64/lib/libleasehold.so.1 linux-arm64
native windows_amd64/bin/leasehold.dll win-x64
cp README.md LICENSE package/
python3 nupkg.py src/Leasehold.csproj package "$1/leasehold.$VERSION.nupkg"
