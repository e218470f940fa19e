#!/bin/sh
# Makes a package for each platform, with the C library in it; see
# .ci/release/bindings.
set -eu
command -v npm >/dev/null || { echo "skipped: no npm here for the Node packages"; exit; }
package() { # LIBRARY OS CPU OUT
	[ -f "$LIBRARIES/$1" ] || return 0
	rm -rf lib
	mkdir lib
	cp "$LIBRARIES/$1" lib/
	npm pkg set "os[0]=$2" "cpu[0]=$3"
	npm pack --silent >/dev/null
	mv "leasehold-$VERSION.tgz" "$4/leasehold-node-$VERSION-$2-$3.tgz"
}
package linux_amd64/lib/libleasehold.so.1 linux x64 "$1"
package linux_arm64/lib/libleasehold.so.1 linux arm64 "$1"
package windows_amd64/bin/leasehold.dll win32 x64 "$1"
