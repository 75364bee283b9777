# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# build.sh - building the server and the web client; doing nothing, fast, when nothing changed.
#
# Sourced after setup.sh.

# build_server: build/guanxi and what it starts, without the tests.
build_server() {
	[ -f build/build.ninja ] || quietly meson setup build
	ninja -C build -n serve | grep -q 'no work to do' && return 0
	say "building the server"
	quietly nice ninja -C build serve
}

# Names, sizes and times of all that the web client is made of.
web_fingerprint() {
	find package-lock.json package.json tsconfig.base.json web sdk api \
		\( -name node_modules -o -name dist -o -name test-results \) -prune -o \
		-type f -printf '%p %s %T@\n' 2>/dev/null | sort
}

# install_node_modules: npm ci, when the lock file has changed since the last one.
install_node_modules() {
	local stamp=node_modules/.guanxi-lock
	cmp -s package-lock.json $stamp && return 0
	need_node
	say "installing the web client's packages"
	quietly npm ci
	cp package-lock.json $stamp
}

# build_web: web/dist. Node is not even looked for when nothing changed.
build_web() {
	local stamp=build/web.fingerprint
	mkdir -p build
	if [ -f web/dist/index.html ] && [ -f $stamp ] && cmp -s $stamp <(web_fingerprint); then
		return 0
	fi
	need_node
	install_node_modules
	say "building the web client"
	quietly npm run build --workspace web
	web_fingerprint >$stamp
}
