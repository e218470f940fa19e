#!/bin/sh
# Packs the header and its CMake files; see .ci/release/bindings.
set -eu
name=leasehold-cpp-$VERSION
mkdir "$name"
cp -r include examples CMakeLists.txt README.md LICENSE "$name/"
"$PACK" "$name" "$1/$name.tar.gz"
