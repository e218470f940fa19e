#!/bin/sh
# Makes the jar, which loads the C library where the program says; see
# .ci/release/bindings.
set -eu
command -v mvn >/dev/null || { echo "skipped: no mvn here for the jar"; exit; }
mvn -q -B -DskipTests -Dmaven.test.skip=true package
mv "target/leasehold-$VERSION.jar" "$1/"
