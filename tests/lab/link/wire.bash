# The wire between two guests: who is who. Sourced.
# shellcheck shell=bash
# shellcheck disable=SC2034 # for those who source it
HERE=10.77.0.1 THERE=10.77.0.2

# wire_up ADDRESS
wire_up() {
	local nic
	nic=$(ls "/sys/bus/pci/devices/$MIGCTL_LAB_LINK/net") || return
	ip address add "$1/24" dev "$nic" && ip link set "$nic" up
}
