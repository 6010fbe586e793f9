#!/bin/sh
# A release from any forge: build, scan, describe, push and sign each image, then package and push the chart.
#   REGISTRY=ghcr.io/charge-it/csms VERSION=0.2.0 NODE=...@sha256:... RUNTIME=...@sha256:... images/release.sh [--dry-run]
# Needs docker with buildx, trivy, cosign, helm and a login at the registry. --dry-run prints what would run and needs none of them.
set -eu

REGISTRY=${REGISTRY:?where the images go, such as ghcr.io/charge-it/csms}
VERSION=${VERSION:?the version of the chart, such as 0.2.0}
NODE=${NODE:?the image that builds, by digest}
RUNTIME=${RUNTIME:?the image that runs, by digest}
PLATFORMS=${PLATFORMS:-linux/amd64,linux/arm64}
OUT=${OUT:-out/release}
run() { echo "+ $*"; [ "${DRY_RUN:-}" = yes ] || "$@"; }
[ "${1:-}" = --dry-run ] && DRY_RUN=yes

for base in "$NODE" "$RUNTIME"; do
  case "$base" in *@sha256:*) ;; *) echo "release: $base is not given by digest" >&2; exit 1 ;; esac
done
grep -q "^version: $VERSION\$" charts/csms/Chart.yaml || { echo "release: charts/csms/Chart.yaml has another version than $VERSION" >&2; exit 1; }
run mkdir -p "$OUT"

for target in operator api ocpp-gateway mirror ml-trainer dashboard edge; do
  image="$REGISTRY/$target:$VERSION"
  run docker buildx build --file images/Dockerfile --target "$target" --platform "$PLATFORMS" --build-arg "NODE=$NODE" --build-arg "RUNTIME=$RUNTIME" \
    --provenance=mode=max --sbom=true --metadata-file "$OUT/$target.json" --tag "$image" --push .
  # What was scanned is what is signed, whatever the tag becomes.
  if [ "${DRY_RUN:-}" = yes ]; then digest=sha256:DIGEST; else digest=$(sed -n 's/.*"containerimage.digest": *"\(sha256:[0-9a-f]*\)".*/\1/p' "$OUT/$target.json"); fi
  run trivy image --exit-code 1 --severity HIGH,CRITICAL --ignore-unfixed "$image@$digest"
  run cosign sign --yes "$image@$digest"
done

run helm package charts/csms --version "$VERSION" --app-version "$VERSION" --destination "$OUT"
run helm push "$OUT/csms-$VERSION.tgz" "oci://$REGISTRY/charts"
run cosign sign --yes "$REGISTRY/charts/csms:$VERSION"

# The test of the next release upgrades from this one: commit both beside what is released.
run cp "$OUT/csms-$VERSION.tgz" tools/chart/testdata/releases/
for name in small local-images; do run cp "charts/csms/ci/$name-values.yaml" "tools/chart/testdata/releases/csms-$VERSION-$name-values.yaml"; done
