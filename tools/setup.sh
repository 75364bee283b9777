# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# setup.sh - what ./run and ./test share: words to the user, missing packages, the Node of this tree.
#
# Sourced, never run. Needs bash and dpkg only: on a bare machine nothing else is there yet.
# Whoever sources it has set -euo pipefail and stands in the root of the tree.

export LC_ALL=C.UTF-8

# What each purpose needs of Debian. Only what is missing gets installed.
packages_build="gcc libc6-dev meson ninja-build pkg-config python3 ca-certificates
	libsqlite3-dev libsodium-dev libssl-dev libinih-dev libmagic-dev libvips-dev libseccomp-dev
	libcmocka-dev"
packages_unit="libjansson-dev clang-format openssl"
packages_test="strace valgrind clang libclang-rt-14-dev chromium fonts-noto-cjk fonts-noto-color-emoji"

say() { printf 'guanxi: %s\n' "$*" >&2; }
die() {
	say "$*"
	exit 1
}

# The packages of the named groups that are not installed, one a line.
missing_packages() {
	local group names=""
	for group in "$@"; do
		group="packages_$group"
		names+=" ${!group}"
	done
	# dpkg-query fails for a name it has never seen; that one is missing too.
	# shellcheck disable=SC2086
	comm -23 <(printf '%s\n' $names | sort -u) \
		<(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $names 2>/dev/null |
			sed -n 's/^installed //p' | sort -u)
}

# Runs apt-get as root. Packages that bring a daemon must not start it: a policy-rc.d that says no
# stands in the way meanwhile, unless the machine has one of its own.
apt_as_root() {
	local as_root=""
	if [ "$(id -u)" != 0 ]; then
		command -v sudo >/dev/null || die "installing packages needs root or sudo; as root run:" \
			"apt-get install --no-install-recommends $*"
		as_root=sudo
	fi
	$as_root bash -euc '
		export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
		guard=/usr/sbin/policy-rc.d
		if [ ! -e $guard ]; then
			trap "rm -f $guard" EXIT
			printf "#!/bin/sh\nexit 101\n" >$guard
			chmod 755 $guard
		fi
		apt-get -q -o DPkg::Lock::Timeout=300 update
		apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "$@"
	' apt_as_root "$@" </dev/null
}

# need_packages GROUP…: installs what is missing of these groups.
need_packages() {
	local missing log
	command -v apt-get >/dev/null && command -v dpkg-query >/dev/null ||
		die "this needs Debian 12 or its like: there is no apt-get here"
	missing=$(missing_packages "$@" | tr '\n' ' ')
	[ -n "$missing" ] || return 0
	say "installing packages that are missing: $missing"
	log=$(mktemp)
	# shellcheck disable=SC2086
	if ! apt_as_root $missing >"$log" 2>&1; then
		tail -n 15 "$log" >&2
		die "apt-get could not install them; its whole output is in $log"
	fi
	rm -f "$log"
}

# need_node: the Node and npm that tools/package.json names, first in PATH. Whatever Node the
# machine has serves only to fetch it.
need_node() {
	local tools=tools/node_modules
	[ "$(uname -m)" = x86_64 ] || die "the web client's tools are for x86-64 only"
	export PATH="$PWD/$tools/.bin:$PATH" NODE_USE_SYSTEM_CA=1
	# npm keeps a copy of the lock it installed: equal age means nothing to do.
	if [ -x $tools/.bin/node ] && [ -x $tools/.bin/npm ] &&
		[ $tools/.package-lock.json -nt tools/package-lock.json ]; then
		return 0
	fi
	if ! command -v npm >/dev/null; then
		packages_node="nodejs npm"
		need_packages node
	fi
	say "fetching Node for the web client"
	local bundle=/etc/ssl/certs/ca-certificates.crt
	if [ -z "${NODE_EXTRA_CA_CERTS:-}" ] && [ -r $bundle ]; then
		NODE_EXTRA_CA_CERTS=$bundle quietly npm ci --prefix tools
	else
		quietly npm ci --prefix tools
	fi
	touch $tools/.package-lock.json
}

# quietly CMD…: shows what it printed only when it fails.
quietly() {
	local log
	log=$(mktemp)
	if ! "$@" >"$log" 2>&1 </dev/null; then
		tail -n 40 "$log" >&2
		rm -f "$log"
		die "failed: $*"
	fi
	rm -f "$log"
}
