# What the lab boots, made in the cache: kernel, its modules, mtty, migsim. Sourced by tests/lab/lab.
# shellcheck shell=bash
#
# $LAB_CACHE/debs/             packages as fetched
# $LAB_CACHE/KERNEL/image/     vmlinux, lib/modules/RELEASE, release
# $LAB_CACHE/KERNEL/headers/   distro: what modules are built against (debug: build/)
# $LAB_CACHE/KERNEL/mtty/      distro: the kernel's sample mdev (debug: among the kernel's own modules)
# $LAB_CACHE/KERNEL/migsim/    our simulator; migdevlink/ likewise, our devlink
# $LAB_CACHE/KERNEL/guest/     mods.cpio, the modules of the boot

LAB_SERIES=6.12
# Part of every key: raise it when a step makes something else out of the same input.
LAB_FORMAT=1

# Modules of the boot, in load order; vfio before host, so that host drivers find the lab's NICs already bound.
LAB_MODS_BOOT="virtio_pci virtio_console 9pnet_virtio 9p overlay configfs"
LAB_MODS_VFIO="vfio vfio_iommu_type1 iommufd vfio-pci mdev mtty migsim"
LAB_MODS_HOST="e1000e"
LAB_MODS_PF="igb" # where there is one
# Ours, each of the directory of that name.
LAB_OWN="migsim migdevlink"

# "PACKAGE VERSION" of the distro kernel's image. Debian 13 has 6.12 as its own kernel, under the plain name.
distro_image() {
	local meta real
	for meta in "linux-image-$LAB_SERIES-amd64" linux-image-amd64; do
		real=$(apt-cache depends --important "$meta" 2>/dev/null |
			sed -n "s/^ *Depends: \(linux-image-$LAB_SERIES\.[^ ]*-amd64\)$/\1/p" | head -n 1)
		[ -z "$real" ] || break
	done
	[ -n "$real" ] || return 1
	printf '%s %s\n' "$real" "$(apt-cache show --no-all-versions "$real" | sed -n 's/^Version: //p')"
}

# The version stays what the cache has: a lab does not change under its tests because a mirror moved on.
distro_pin() {
	local pin=$LAB_CACHE/distro/pin found
	[ ! -s "$pin" ] || return 0
	found=$(distro_image) || { apt_update_once && found=$(distro_image); } ||
		die 125 "apt offers no linux-image-$LAB_SERIES for amd64; the lab wants Debian 12 or newer with its security" \
			"archive: check apt's sources and run 'apt-get update'"
	printf '%s\n' "$found" >"$pin.part"
	mv "$pin.part" "$pin"
}

# A bzImage carries vmlinux compressed; booting that itself (PVH) saves seconds under TCG.
# Offsets: Documentation/arch/x86/boot.rst, setup_sects 0x1f1, payload_offset 0x248, payload_length 0x24c.
vmlinux_of() {
	local sects off len tool
	number() { od -An -t"$2" -j"$((0x$1))" -N"${2#u}" "$bz" | tr -d ' '; }
	local bz=$1
	sects=$(number 1f1 u1) off=$(number 248 u4) len=$(number 24c u4)
	off=$(((sects + 1) * 512 + off))
	case $(od -An -tx1 -j"$off" -N4 "$bz" | tr -d ' ') in
	28b52ffd) tool=zstd ;;
	fd377a58) tool=xz ;;
	1f8b*) tool=gzip ;;
	*) die 125 "$bz: unknown compression" ;;
	esac
	# The last four bytes are the unpacked size, not data.
	tail -c +"$((off + 1))" "$bz" | head -c "$((len - 4))" | "$tool" -dc
}

distro_image_make() {
	debs_unpack "$1" "$image_pkg=$image_version"
	vmlinux_of "$1/boot/vmlinuz-$release" >"$1/vmlinux" || return
	rm -rf "${1:?}/usr" "$1/boot/vmlinuz-$release"
	printf '%s\n' "$release" >"$1/release"
	depmod -b "$1" "$release"
}

# Unpacked, not installed: as a package it wants a kernel image installed too.
distro_headers_make() {
	local base=linux-headers-${release%-amd64} cc
	debs_unpack "$1" "linux-headers-$release=$image_version" "$base-common=$image_version" \
		"linux-kbuild-${release%-amd64}=$image_version"
	# Its Makefile names the common half by its installed path; $(dir ...) finds it wherever the cache is.
	# shellcheck disable=SC2016 # make expands it
	printf 'include $(dir $(lastword $(MAKEFILE_LIST)))../%s-common/Makefile\n' "$base" \
		>"$1/usr/src/linux-headers-$release/Makefile"
	# It is there for BTF only, which our modules do without; with it the build wants pahole.
	rm "$1/usr/src/linux-headers-$release/vmlinux"
	# The compiler the kernel was built with.
	cc=$(sed -n 's/^CC = .*(CROSS_COMPILE)//p' "$1/usr/src/linux-headers-$release/.kernelvariables")
	[ -z "$cc" ] || packages_install "$cc"
}

mtty_make() {
	debs_unpack "$1" "linux-source-$LAB_SERIES=$image_version"
	# mtty.c stands early in the archive: stop at its first occurrence.
	tar -xJf "$1/usr/src/linux-source-$LAB_SERIES.tar.xz" -C "$1" --strip-components=3 --occurrence=1 \
		"linux-source-$LAB_SERIES/samples/vfio-mdev/mtty.c" || return
	rm -rf "${1:?}/usr"
	echo 'obj-m := mtty.o' >"$1/Makefile"
	module_make "$1"
}

# own_make MODULE DIR
own_make() {
	cp -r "$LAB_DIR/$1/." "$2/"
	module_make "$2"
}

module_make() {
	make -C "$kbuild" M="$1" modules >"$1/build.log" 2>&1 && return
	cat "$1/build.log" >&2
	return 1
}

# Modules of one stage of the boot, unpacked and numbered, without those an earlier stage has.
guest_stage() {
	local dir=$1/mods/$2 path n=100
	shift 2
	mkdir -p "$dir"
	for name; do
		modprobe -d "$LAB_CACHE/$kernel/image" -S "$release" --show-depends "$name" 2>/dev/null |
			sed -n 's/^insmod \([^ ]*\) .*/\1/p'
	done | while read -r path; do
		n=$((n + 1))
		! grep -qxF "$path" "$dir/../seen" 2>/dev/null || continue
		echo "$path" >>"$dir/../seen"
		case $path in
		*.xz) xz -dc "$path" >"$dir/$n-$(basename "$path" .xz)" ;;
		*) cp "$path" "$dir/$n-$(basename "$path")" ;;
		esac
	done
}

guest_make() {
	local mods=$LAB_CACHE/$kernel/image/lib/modules/$release
	mkdir -p "$mods/extra"
	for ko in "$LAB_CACHE/$kernel"/{mtty,migsim,migdevlink}/*.ko; do
		[ -e "$ko" ] || continue
		cp "$ko" "$mods/extra/.part" && mv "$mods/extra/.part" "$mods/extra/$(basename "$ko")" || return
	done
	depmod -b "$LAB_CACHE/$kernel/image" "$release" || return
	# shellcheck disable=SC2086 # lists of words
	{
		guest_stage "$1" boot $LAB_MODS_BOOT
		guest_stage "$1" vfio $LAB_MODS_VFIO
		guest_stage "$1" host $LAB_MODS_HOST
		guest_stage "$1" pf $LAB_MODS_PF
	}
	rm "$1/mods/seen"
	mkdir "$1/bin"
	cp "$(command -v busybox)" "$1/bin/busybox"
	(cd "$1" && find bin mods | cpio --quiet -o -H newc >mods.cpio) || return
	rm -r "${1:?}/bin" "$1/mods"
}

# The steps that both kernels share, when $kbuild and $release are known.
setup_modules() {
	local base=$1 key=$1 name files hash extra=../image/lib/modules/$release/extra sums=mods.cpio
	for name in $LAB_OWN; do
		mapfile -t files < <(find "$LAB_DIR/$name/" -name '*.[ch]' -o -name Kbuild | LC_ALL=C sort)
		[ ${#files[@]} -gt 1 ] || die 125 "$LAB_DIR/$name, a module's sources, is missing; take the whole tree"
		hash=$(hash_files "${files[@]}")
		key=$key:$hash sums+=" $extra/$name.ko"
		step "$kernel/$name" "$base:$hash" '*.ko' own_make "$name"
	done
	key=$key:$(hash_files "$LAB_DIR/lib/setup.bash" "$(command -v busybox)")
	step "$kernel/guest" "$key" "$sums" guest_make
}

setup_distro() {
	local kernel=distro image_pkg image_version release kbuild key
	mkdir -p "$LAB_CACHE/distro"
	[ -e "$LAB_CACHE/distro/image/.key" ] || need_space 1024 "the distro kernel"
	distro_pin
	read -r image_pkg image_version <"$LAB_CACHE/distro/pin"
	release=${image_pkg#linux-image-}
	kbuild=$LAB_CACHE/distro/headers/usr/src/linux-headers-$release
	key=$LAB_FORMAT:$image_version
	step distro/image "$key" "vmlinux release" distro_image_make
	step distro/headers "$key" "usr/src/linux-headers-$release/Module.symvers" distro_headers_make
	step distro/mtty "$key" '*.ko' mtty_make
	setup_modules "$key"
}
