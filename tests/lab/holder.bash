# For tests with a process that has devices open, as a VMM has: holder.c. `load helpers` first.
# shellcheck shell=bash

# Of a file whose mtty device is $UUID.
teardown() {
	[ -z "${HOLDER:-}" ] || let_go
	mtty_remove "$UUID"
	untraced lab_teardown
}

# holder DEVICE...: see holder.c; $HOLDER is its pid, and `tell` speaks to it. IN: a command to run it by
IN=()
holder() {
	coproc HELD { exec "${IN[@]}" "$TOOLS/holder" "$@" 3>&-; }
	HOLDER=$HELD_PID
	BACKGROUND+=("$HOLDER")
	answer ready
}

answer() {
	local line
	read -r -t 20 line <&"${HELD[0]}"
	[ "$line" = "$1" ] || { echo "the holder says '$line', not '$1'"; return 1; }
}

tell() {
	echo "$*" >&"${HELD[1]}"
	answer ok
}

let_go() {
	local pid=$HOLDER to=${HELD[1]}
	HOLDER=
	exec {to}>&-
	wait "$pid"
}

# The node of the mtty device $UUID.
mtty_group() { echo "/dev/vfio/$(basename "$(readlink "/sys/bus/mdev/devices/$UUID/iommu_group")")"; }
