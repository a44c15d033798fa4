# The debug kernel: linux-source with tinyconfig and debug-kernel.config, built in the cache. Sourced by tests/lab/lab.
# shellcheck shell=bash

# Lines of the fragment that olddefconfig dropped, with what it made of them.
config_lost() {
	local line name
	while IFS= read -r line; do
		case $line in
		CONFIG_*=*) name=${line%%=*} ;;
		'# CONFIG_'*' is not set') name=${line#\# } name=${name%% *} ;;
		*) continue ;;
		esac
		case $line in
		\#*) ! grep -q "^$name=" "$2" || echo "$name is set" ;;
		*) grep -qxF "$line" "$2" || echo "$line is lost" ;;
		esac
	done <"$1"
}

debug_source_make() {
	debs_unpack "$1/.deb" "linux-source-$LAB_SERIES=$image_version"
	tar -xJf "$1/.deb/usr/src/linux-source-$LAB_SERIES.tar.xz" -C "$1" --strip-components=1 && rm -rf "$1/.deb"
}

debug_configure() {
	local lost
	(
		cd "$kbuild" && make tinyconfig &&
			scripts/kconfig/merge_config.sh -m .config "$LAB_DIR/debug-kernel.config" && make olddefconfig
	) >"$LAB_CACHE/debug/config.log" 2>&1 || {
		tail -n 20 "$LAB_CACHE/debug/config.log" >&2
		die 125 "could not configure the debug kernel; the whole log is $LAB_CACHE/debug/config.log"
	}
	lost=$(config_lost "$LAB_DIR/debug-kernel.config" "$kbuild/.config")
	[ -z "$lost" ] || say "the debug kernel is without: ${lost//$'\n'/; }"
}

# KASAN watches the modules: VFIO, iommufd, drivers and ours. With its checks in all of the kernel too, whatever a test does
# beside them, forking above all, took twice as long. Use of freed memory shows all the same: the allocator is KASAN's.
LAB_KASAN="KASAN_SANITIZE=n"

# debug_make WORD...: one line a minute; about 1500 files make the whole.
debug_make() {
	local log=$LAB_CACHE/debug/build.log start=$SECONDS make
	make -C "$kbuild" -j"$(nproc)" "$@" >>"$log" 2>&1 &
	make=$!
	# shellcheck disable=SC2064 # this make, now
	trap "kill $make 2>/dev/null" EXIT
	while kill -0 "$make" 2>/dev/null; do
		sleep 1
		(((SECONDS - start) % 60)) || say "debug kernel: $(grep -c '^  CC' "$log") files compiled in $(((SECONDS - start) / 60)) min"
	done
	trap - EXIT
	wait "$make" || {
		grep -B2 -A5 -i 'error' "$log" | tail -n 30 >&2
		die 125 "the debug kernel did not build; the whole log is $log"
	}
}

debug_compile() {
	local start=$SECONDS
	: >"$LAB_CACHE/debug/build.log"
	debug_make "$LAB_KASAN" vmlinux
	debug_make modules
	say "debug kernel built in $((SECONDS - start)) s"
}

debug_image_make() {
	objcopy --strip-debug "$kbuild/vmlinux" "$1/vmlinux" &&
		make -C "$kbuild" INSTALL_MOD_PATH="$1" INSTALL_MOD_STRIP=1 modules_install >"$1/install.log" 2>&1 &&
		make -s -C "$kbuild" kernelrelease >"$1/release" &&
		rm -f "$1"/lib/modules/*/build
}

setup_debug() {
	# shellcheck disable=SC2034 # setup.bash reads them
	local kernel=debug image_version release kbuild=$LAB_CACHE/debug/build key
	mkdir -p "$LAB_CACHE/debug" "$LAB_CACHE/distro"
	distro_pin
	read -r _ image_version <"$LAB_CACHE/distro/pin"
	key=$LAB_FORMAT:$image_version
	if ! step_done debug/build "$key"; then
		need_space 4096 "the debug kernel"
		step debug/build "$key" Makefile debug_source_make
	fi
	key=$key:$LAB_KASAN:$(hash_files "$LAB_DIR/debug-kernel.config")
	if ! step_done debug/image "$key"; then
		packages_need debug
		say "building the debug kernel: about 10 minutes, once"
		debug_configure
		debug_compile
	fi
	step debug/image "$key" "vmlinux release" debug_image_make
	# shellcheck disable=SC2034 # setup.bash reads it
	release=$(<"$LAB_CACHE/debug/image/release")
	setup_modules "$key"
}
