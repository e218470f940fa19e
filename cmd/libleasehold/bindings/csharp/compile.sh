#!/bin/sh
# Compiles the binding for a target framework of src/Leasehold.csproj, with Mono's
# compiler.
#
#   compile.sh net472 OUT
#   compile.sh netcoreapp3.1 OUT RUNTIME [FILE.cs...]    a program of the further files, for tests
#
# RUNTIME is a folder with the runtime of .NET Core 3.1 somewhere in it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
framework=$1 out=$2
mkdir -p "$out"
case $framework in
net472)
	mcs -langversion:7.2 -warnaserror -optimize -define:NET472 -doc:"$out/Leasehold.xml" -target:library -out:"$out/Leasehold.dll" "$here"/src/*.cs
	;;
netcoreapp3.1)
	runtime=$(dirname "$(find "$3" -name System.Private.CoreLib.dll | head -n 1)")
	shift 3
	if [ $# = 0 ]; then set -- -target:library -doc:"$out/Leasehold.xml" -out:"$out/Leasehold.dll"; else set -- -out:"$out/Vectors.dll" "$@"; fi
	# All that is managed, but what only forwards to the rest under the names of .NET Framework.
	for assembly in "$runtime"/*.dll; do
		case ${assembly##*/} in
		mscorlib.dll | netstandard.dll | WindowsBase.dll | System.dll | System.Core.dll | *.Native.dll | Microsoft.DiaSymReader.*) ;;
		*) set -- "-r:$assembly" "$@" ;;
		esac
	done
	# 1702: assemblies of one runtime name each other by older versions.
	mcs -langversion:7.2 -warnaserror -nowarn:1702 -optimize -nostdlib -noconfig "$@" "$here"/src/*.cs
	;;
*)
	echo "there is no framework $framework here" >&2
	exit 2
	;;
esac
