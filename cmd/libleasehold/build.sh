#!/bin/sh
# Builds the C library into a folder, in the layout of a package: include/, lib/ (Windows: bin/ as well), with
# pkg-config and CMake files.
#
#   build.sh [--archive] DIR
#
# GOOS, GOARCH and CC choose another platform, as for any cgo program:
#
#   GOOS=windows GOARCH=amd64 CC=x86_64-w64-mingw32-gcc build.sh out/windows
#   GOARCH=arm64 CC=aarch64-linux-gnu-gcc build.sh out/arm64
#
# A DLL gets its version resource from WINDRES, by default the one beside a MinGW CC; without any it has none.
#
# The same sources give the same bytes, in whatever folder they lie.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
archive=
[ "${1-}" != --archive ] || { archive=1; shift; }
[ $# = 1 ] || { sed -n '2,/^set/{/^#/p}' "$0" >&2; exit 2; }
mkdir -p "$1/include" "$1/lib/pkgconfig" "$1/lib/cmake/leasehold"
out=$(cd "$1" && pwd)
cd "$here/../.."
export CGO_ENABLED=1
# The compiler must not write where the sources lie into what it makes.
export CGO_CFLAGS="${CGO_CFLAGS-"-O2"} '-ffile-prefix-map=$PWD=.' -g0"
version=$(sed -n 's/^const version = "\(.*\)".*/\1/p' cmd/libleasehold/version.go)
# Without asynchronous preemption the runtime's threads keep SIGURG blocked like the others, see internal/host/signals.c.
build() {
	go build -trimpath -buildvcs=false -buildmode="$1" -ldflags "-s -w -buildid= -X runtime.godebugDefault=asyncpreemptoff=1 $2" -o "$3" ./cmd/libleasehold
}
os=$(go env GOOS)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The Go linker names a variable of its own in the list of a DLL's exports where no Go function is exported. This linker
# in between puts our list there.
windows_linker() {
	cat >"$work/linker" <<-END
		#!/bin/sh
		for argument; do
			case \$argument in
			*export_file.def) { echo EXPORTS; sed -n 's/^	\(leasehold_[a-z_]*\);/\1/p' "$PWD/cmd/libleasehold/exports.map"; } >"\$argument" ;;
			esac
		done
		exec ${CC:-$(go env CC)} "\$@"
	END
	chmod +x "$work/linker"
	echo "$work/linker"
}

# The version as Explorer and antivirus programs show it.
windows_resource() {
	case ${CC-} in *-gcc) WINDRES=${WINDRES:-${CC%gcc}windres} ;; esac
	[ -n "${WINDRES-}" ] || return 0
	sed -e "s|@VERSION@|$version|g" -e "s|@NUMBERS@|$(echo "${version%%-*}" | tr . ,),0|g" cmd/libleasehold/package/leasehold.rc.in >"$work/leasehold.rc"
	$WINDRES "$work/leasehold.rc" "$work/version.o"
	echo "$work/version.o"
}

# Makes an archive one object. A linker takes of an archive what is referred to: nothing refers to what starts the Go runtime, nor to what
# keeps the host's signals, and their order counts. As one object all comes along, in order, and only the header's functions can be seen.
one_object() {
	[ "$os" != darwin ] || return 0 # its tools differ, see mailbox.c
	(
		cd "$work"
		cc=${CC:-$(go env CC)}
		ar x "$1"
		# shellcheck disable=SC2046
		$cc -r -nostdlib -o leasehold-all.o $(ar t "$1")
		set -- "$1" --wildcard --keep-global-symbol='leasehold_*'
		# See internal/host/start_musl.c.
		if [ "$os" = linux ] && ! echo '#include <unistd.h>' | $cc -E -dM - | grep -q __GLIBC__; then
			set -- "$@" --rename-section .init_array=leasehold_start,alloc,load,data,contents
		fi
		archive=$1
		shift
		"${OBJCOPY:-$(binutil objcopy)}" "$@" leasehold-all.o
		rm -f "$archive"
		ar rcsD "$archive" leasehold-all.o
	)
}

# The tool of the binutils for the platform that is built for.
binutil() {
	case ${CC-} in
	*-gcc) command -v "${CC%gcc}$1" || echo "$1" ;;
	*) echo "$1" ;;
	esac
}
static_libs=
if [ -n "$archive" ]; then
	name=libleasehold.a
	build c-archive "" "$out/lib/$name"
	rm -f "$out/lib/libleasehold.h"
	one_object "$out/lib/$name"
	case $os in
	linux) static_libs="-lpthread -lresolv" ;;
	windows) static_libs="-lws2_32 -lwinmm -lntdll -lbcrypt" ;;
	darwin) static_libs="-lresolv -framework CoreFoundation -framework Security" ;;
	esac
else
	case $os in
	windows)
		name=leasehold.dll
		mkdir -p "$out/bin"
		build c-shared "-extld=$(windows_linker) -extldflags \"'-Wl,--out-implib,$out/lib/libleasehold.dll.a' -Wl,--no-insert-timestamp $(windows_resource)\"" "$out/bin/$name"
		;;
	darwin)
		name=libleasehold.1.dylib
		build c-shared "-extldflags \"-Wl,-install_name,@rpath/$name -Wl,-exported_symbol,_leasehold_*\"" "$out/lib/$name"
		ln -sf "$name" "$out/lib/libleasehold.dylib"
		;;
	*)
		name=libleasehold.so.1
		build c-shared "-extldflags \"-Wl,-soname,$name -Wl,-z,nodelete '-Wl,--version-script=$PWD/cmd/libleasehold/exports.map'\"" "$out/lib/$name"
		ln -sf "$name" "$out/lib/libleasehold.so"
		;;
	esac
	rm -f "$out"/lib/libleasehold.h "$out"/lib/libleasehold.so.h "$out"/lib/libleasehold.so.1.h "$out"/bin/leasehold.h "$out"/lib/libleasehold.1.h
fi
cp cmd/libleasehold/leasehold.h "$out/include/"
for file in pkgconfig/leasehold.pc cmake/leasehold/leasehold-config.cmake cmake/leasehold/leasehold-config-version.cmake; do
	sed -e "s|@VERSION@|$version|g" -e "s|@STATIC_LIBS@|$static_libs|g" -e "s|@LIBRARY@|$name|g" \
		"cmd/libleasehold/package/$(basename "$file").in" >"$out/lib/$file"
done
echo "$out: leasehold $version, $name"
