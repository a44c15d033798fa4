# What a NIC's admin calls a VF, and what the PF's network device says of it: on igb, by ip(8).
load helpers

setup() {
	lab_setup
	nic_setup
}

teardown() {
	untraced nic_home
	untraced lab_teardown
}

teardown_file() { nic_remove; }

# The PF's network device back from where a test has sent it; a namespace that ends would keep it no longer either.
nic_home() {
	[ -e "/sys/class/net/$PF_NETDEV" ] || ip -n blue link set "$PF_NETDEV" netns 1
	[ ! -e /run/netns/blue ] || ip netns del blue
	ip link property del dev "$PF_NETDEV" altname port0 2>/dev/null
	ip link property del dev "$PF_NETDEV" altname nic-of-the-first-slot 2>/dev/null
	ip link set "$PF_NETDEV" vf 1 mac 00:00:00:00:00:00
	ip link set "$PF_NETDEV" vf 0 mac 00:00:00:00:00:00
}

# Every word is VF0, found but without a migration interface. Options may come before the words.
all_are_vf0() { untraced each_is_vf0 "$@"; }

each_is_vf0() {
	local options=()
	while [[ $1 = --* ]]; do options+=("$1") && shift; done
	for word; do
		echo "the word: $word"
		run_migctl 5 get -j "${options[@]}" "$word" || return
		json ".device.name == \"$VF0\" and .error.kind == \"no-migration\"" || return
	done
}

@test "a VF by its PF's name and number, by alternative names, by its MAC" {
	ip link set "$PF_NETDEV" vf 0 mac 02:11:22:33:44:5e
	ip link property add dev "$PF_NETDEV" altname port0 altname nic-of-the-first-slot
	all_are_vf0 "$VF0" "${VF0#0000:}" "pci/$VF0" "group:$(basename "$(readlink "$PCI/$VF0/iommu_group")")" "$PF_NETDEV/vf0" "$PF_NETDEV/0" "$PF_NETDEV vf 0" "$PF_NETDEV  vf  0" \
		port0/vf0 "port0 vf 0" nic-of-the-first-slot/0 mac:02:11:22:33:44:5e mac:02:11:22:33:44:5E
	migctl 3 get "$PF_NETDEV/vf2"
	says 'no-device' "$PF_NETDEV has no VF 2"
	migctl 3 get port0/vf7
	says 'no-device' 'port0 has no VF 7'
	migctl 3 get eth77/vf0
	says 'no-device' 'no network device eth77'
	err_has '--netns'
	migctl 3 get mac:02:11:22:33:44:5d
	says 'no-device' 'no VF has the MAC 02:11:22:33:44:5d'
	migctl 2 get mac:02:11:22:33:44
	says 'usage' 'six bytes'
}

@test "a MAC that two VFs have names both, and neither is opened" {
	ip link set "$PF_NETDEV" vf 0 mac 02:11:22:33:44:55
	ip link set "$PF_NETDEV" vf 1 mac 02:11:22:33:44:55
	migctl 2 get mac:02:11:22:33:44:55
	says 'usage' 'the MAC of 2 VFs' "$VF0" "$VF1"
}

@test "the name of a network device is its device's, bound to VFIO or not" {
	ip link property add dev "$PF_NETDEV" altname port0
	migctl 3 get "$PF_NETDEV"
	says 'no-device' "$PF is not bound to a VFIO driver (its driver is igb)"
	err_has "echo $PF > /sys/bus/pci/devices/$PF/driver/unbind"
	migctl 3 get port0 -j
	json ".device.name == \"$PF\""
	migctl 0 --list-words get
	out_has "$PF_NETDEV/vf0"
	migctl 3 get lo
	says 'no-device' 'lo' 'virtual'
}

@test "show: the VF as ip(8) has set it, in text and JSON" {
	ip link set "$PF_NETDEV" vf 0 mac 02:11:22:33:44:5e
	ip link set "$PF_NETDEV" vf 0 vlan 100 qos 3
	ip link set "$PF_NETDEV" vf 0 spoofchk off
	ip link set "$PF_NETDEV" vf 0 trust on
	migctl 5 show -j "$VF0"
	json ".nic | .pf_netdev == \"$PF_NETDEV\" and .vf == 0 and .mac == \"02:11:22:33:44:5e\""
	json '.nic | .vlan == 100 and .vlan_qos == 3 and .vlan_proto == "802.1Q"'
	json '.nic | .trust == true and .spoofchk == false and .link_state == "auto"'
	json '.nic | .min_rate == 0 and .max_rate == 0 and (.counters | length == 8 and all(. >= 0))'
	ip link set "$PF_NETDEV" vf 0 vlan 0
	ip link set "$PF_NETDEV" vf 0 spoofchk on
	ip link set "$PF_NETDEV" vf 0 trust off
	migctl 5 show "$PF_NETDEV/vf0"
	for line in "NIC           $PF_NETDEV/vf0" 'MAC           02:11:22:33:44:5e' 'VLAN          none' \
		'trust         no' 'spoof check   yes' 'link state    auto' 'rate          no limits'; do
		out_has "  $line"$'\n'
	done
	migctl 3 show -j "$PF"
	json '.nic == null'
}

@test "--netns: the PF in another namespace, by name, PID and path" {
	local pid
	ip link set "$PF_NETDEV" vf 0 mac 02:11:22:33:44:5e
	ip netns add blue
	ip link set "$PF_NETDEV" netns blue
	# There, by its own sysfs.
	output=$(ip netns exec blue vfio-migctl list -j)
	json ".devices | any(.name == \"$VF0\" and .netdev.pf == \"$PF_NETDEV\")"
	migctl 3 get "$PF_NETDEV/vf0"
	says 'no-device' "no network device $PF_NETDEV"
	err_has '--netns'
	migctl 5 show -j "$VF0"
	json '.nic == null and .device.netdev == null'
	background ip netns exec blue sleep 60
	pid=$!
	wait_until 5 in_blue "$pid"
	all_are_vf0 --netns=blue "$PF_NETDEV/vf0" "$PF_NETDEV vf 0" mac:02:11:22:33:44:5e
	all_are_vf0 --netns="$pid" "$PF_NETDEV/vf0"
	all_are_vf0 --netns=/run/netns/blue "$PF_NETDEV/0"
	migctl 5 show -j --netns blue "$VF0"
	json ".nic.mac == \"02:11:22:33:44:5e\" and .device.netdev == {pf: \"$PF_NETDEV\", vf: 0}"
	migctl 0 list --netns blue -j
	json ".devices | any(.name == \"$VF0\" and .netdev == {pf: \"$PF_NETDEV\", vf: 0})"
	migctl 2 list --netns green
	says 'usage' "no network namespace 'green'"
	migctl 3 get --netns blue eth77/vf0
	says 'no-device' "no network device eth77 in the network namespace 'blue'"
	migctl 2 get --netns green "$PF_NETDEV/vf0"
	says 'usage' "no network namespace 'green'"
	migctl 2 get --netns /dev/null "$PF_NETDEV/vf0"
	says 'usage' "'/dev/null' is not a network namespace"
}

in_blue() { [ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }

@test "what sysfs knows opens no socket; what it does not opens one" {
	local trace=$BATS_TEST_TMPDIR/trace
	ip link property add dev "$PF_NETDEV" altname port0
	for word in "$VF0" "$PF_NETDEV/vf0" "$PF_NETDEV"; do
		untraced strace -f -qq -e trace=socket -o "$trace" vfio-migctl -q get "$word" || true
		[ ! -s "$trace" ]
	done
	untraced strace -f -qq -e trace=socket -o "$trace" vfio-migctl -q get port0/vf0 || true
	[ "$(grep -c AF_NETLINK "$trace")" = 1 ]
}
