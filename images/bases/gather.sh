#!/bin/sh
# Gathers into $1 the little that a program needs: the C and C++ libraries and their loader, certificates, time zones.
set -eu
to=$1
triplet=$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo "$(uname -m)-linux-gnu")
mkdir -p "$to/etc/ssl/certs" "$to/usr/share" "$to/usr/lib/$triplet" "$to/usr/bin" "$to/var/lib/dpkg/status.d" "$to/tmp" "$to/root" "$to/proc" "$to/sys" "$to/dev"
chmod 1777 "$to/tmp"
chmod 0700 "$to/root"
# Debian's merged /usr: /lib and /bin are links into it.
for link in bin lib lib64; do
  if [ -L "/$link" ]; then cp -P "/$link" "$to/$link"; mkdir -p "$to/usr/$link"; fi
done
for name in libc libm libdl libpthread librt libresolv libutil libanl libnss_files libnss_dns libstdc++ libgcc_s; do
  for file in "/usr/lib/$triplet/$name".so.[0-9]*; do [ -e "$file" ] && cp -P "$file" "$to/usr/lib/$triplet/"; done
done
for loader in /lib64/ld-linux-*.so.* /lib/ld-linux-*.so.*; do
  [ -e "$loader" ] || continue
  mkdir -p "$to$(dirname "$loader")"
  cp -P "$loader" "$to$loader"
  real=$(readlink -f "$loader")
  mkdir -p "$to$(dirname "$real")"
  cp "$real" "$to$real"
done
cp /etc/ssl/certs/ca-certificates.crt "$to/etc/ssl/certs/"
cp -r /usr/share/zoneinfo "$to/usr/share/zoneinfo"
rm -rf "$to/usr/share/zoneinfo/right" "$to/usr/share/zoneinfo/posix"
cp /etc/os-release /etc/debian_version "$to/etc/"
cp /passwd /group "$to/etc/"
printf 'hosts: files dns\n' > "$to/etc/nsswitch.conf"
for package in base-files ca-certificates libc6 libgcc-s1 libstdc++6 tzdata; do
  dpkg-query --show --showformat='Package: ${Package}\nStatus: ${Status}\nArchitecture: ${Architecture}\nVersion: ${Version}\nMaintainer: ${Maintainer}\nSource: ${source:Package}\n' "$package" > "$to/var/lib/dpkg/status.d/$package"
done
