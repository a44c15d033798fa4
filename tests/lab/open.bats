# Words for a device, and every way in which opening one fails: a sentence, and a hint that works.
load helpers

UUID=6f1de5a2-0c1c-4f0e-9c59-0000000000ab
UNBIND=()

teardown() {
	local device
	for device in "${UNBIND[@]}"; do to_host_driver "$device"; done
	mtty_remove $UUID
	untraced lab_teardown
}

# A NIC goes back to e1000e.
to_host_driver() {
	echo >"/sys/bus/pci/devices/$1/driver_override"
	echo "$1" >"/sys/bus/pci/devices/$1/driver/unbind"
	echo "$1" >/sys/bus/pci/drivers_probe
} 2>/dev/null

nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }

# A program that anyone may run, wherever the built one is.
open_to_all() { install -m 755 "$(command -v vfio-migctl)" /tmp/vfio-migctl-for-all; }

@test "every word for a device" {
	local word group short=${MIGCTL_LAB_NIC#0000:}
	make_sim d
	mtty_make $UUID
	group=$(sim_get d group)
	for word in migsim-d "group:$group" "/dev/vfio/$group"; do
		migctl 0 get "$word" -j
		json '.device.name == "migsim-d" and .state == "running"'
	done
	for word in $UUID ${UUID^^}; do
		migctl 0 get "$word" -j
		json ".device.name == \"$UUID\" and .device.bus == \"mdev\""
	done
	for word in "$MIGCTL_LAB_NIC" "$short" "pci/$MIGCTL_LAB_NIC"; do
		migctl 5 get "$word" -j
		json ".device.name == \"$MIGCTL_LAB_NIC\" and .device.bus == \"pci\""
	done
	migctl 3 get "$group"
	err_has "hint: an IOMMU group is written group:$group"
}

@test "not found: says where it looked" {
	local word
	for word in migsim-nix 0000:99:00.0 group:9999 /dev/vfio/9999 vfio9999 deadbeef-0000-0000-0000-000000000000 eth9/vf0; do
		migctl 3 get "$word" -j
		json '.error.kind == "no-device" and .error.errno == "ENODEV" and .device == null and (.error.hint | length) > 0'
	done
}

@test "not bound to VFIO: names the driver, and the commands of the hint bind it" {
	local hint
	migctl 3 get "$MIGCTL_LAB_HOSTNIC" -j
	json ".error.kind == \"no-device\" and (.error.message | contains(\"its driver is e1000e\")) and .device.name == \"$MIGCTL_LAB_HOSTNIC\""
	hint=$(gojq -r .error.hint <<<"$output")
	hint=modprobe${hint#*modprobe}
	UNBIND=("$MIGCTL_LAB_HOSTNIC")
	bash -ec "$hint"
	migctl 5 get "$MIGCTL_LAB_HOSTNIC" -j
	json '.device.driver == "vfio-pci" and .error.kind == "no-migration"'
}

@test "a group that is not viable: names the offender; once that is bound, the device opens" {
	migctl 3 get "$MIGCTL_LAB_NONVIABLE" -j
	json ".error.kind == \"no-device\" and (.error.message | contains(\"not viable\"))
		and (.error.hint | contains(\"$MIGCTL_LAB_OFFENDER (e1000e)\"))"
	UNBIND=("$MIGCTL_LAB_OFFENDER")
	echo vfio-pci >"/sys/bus/pci/devices/$MIGCTL_LAB_OFFENDER/driver_override"
	echo "$MIGCTL_LAB_OFFENDER" >"/sys/bus/pci/devices/$MIGCTL_LAB_OFFENDER/driver/unbind"
	echo "$MIGCTL_LAB_OFFENDER" >/sys/bus/pci/drivers_probe
	migctl 5 get "$MIGCTL_LAB_NONVIABLE"
}

@test "a NIC on vfio-pci: no migration interface, and which driver would have one" {
	migctl 5 get "$MIGCTL_LAB_NIC"
	err_has 'has no migration interface'
	err_has 'bound to vfio-pci; no migration-capable driver is known for 8086:10d3'
	migctl 5 show "$MIGCTL_LAB_NIC" -j
	json '.protocol == null and .state == null and (.regions | length) > 0 and .error.kind == "no-migration"'
	migctl 5 set "$MIGCTL_LAB_NIC" stop -j
	json '.outcome == null and .steps == []'
	migctl 5 reset "$MIGCTL_LAB_NIC"
}

@test "busy: names the process, be it ours or another's" {
	make_sim d
	background sleep 100 9<>"$(group_node d)"
	migctl 4 set migsim-d stop
	err_has "process $! (sleep) has $(group_node d) open"
	kill "$!"
	ended "$!"
	sim_fault d 'get delay ms=3000'
	background vfio-migctl get migsim-d
	wait_until 5 stat_is d hanging 1
	migctl 4 get migsim-d -j
	json ".error.kind == \"busy\" and (.error.hint | contains(\"(vfio-migctl)\"))"
	ended "$!"
	[ "$status" -eq 0 ]
	migctl 0 get migsim-d
}

@test "no permission: exit 3, and how to get it" {
	make_sim d
	open_to_all
	chmod 600 "$(group_node d)"
	status=0
	output=$(nobody /tmp/vfio-migctl-for-all get migsim-d -j) || status=$?
	[ "$status" -eq 3 ]
	json '.error.kind == "no-device" and .error.errno == "EACCES" and (.error.hint | contains("run it as root"))'
	# Busy for one who may open it and may not look at the holder.
	chmod 666 "$(group_node d)"
	background sleep 100 9<>"$(group_node d)"
	status=0
	output=$(nobody /tmp/vfio-migctl-for-all get migsim-d -j) || status=$?
	[ "$status" -eq 4 ]
	json '.error.kind == "busy" and (.error.hint | contains("another process has it open; root would see which"))'
}

@test "no node in /dev: by the cdev where there is one, else exit 3" {
	local node
	make_sim d
	node=$(group_node d)
	mv "$node" "$node.away"
	if [ "$MIGCTL_LAB_KERNEL" = debug ]; then
		migctl 0 get migsim-d
	else
		migctl 3 get migsim-d
		err_has "lacks its node"
	fi
	mv "$node.away" "$node"
	migctl 0 get migsim-d
}

@test "vfio0 where the kernel has no cdev: exit 3, and by which name then" {
	[ "$MIGCTL_LAB_KERNEL" = distro ] || skip "this kernel has the cdev"
	local name
	make_sim d
	name=$(sim_get d cdev)
	migctl 3 get "$name"
	err_has 'CONFIG_VFIO_DEVICE_CDEV'
	err_has 'hint: name the device itself to open it by its group: migsim-d'
}

# The driver that fails to open its device says only an errno.
@test "a device that its driver does not open: exit 1 and the errno" {
	make_sim d
	sim_fault d 'open nak errno=ENODATA'
	migctl 1 get migsim-d -j
	json '.error.kind == "failed" and .error.errno == "ENODATA" and (.error.hint | contains("kernel log"))'
	stat_is d opens 0
	migctl 0 get migsim-d
}

# Last, for everything that stands on vfio has to go and come back.
@test "the vfio module is not loaded: says so" {
	local device all=(migvf_vfio_pci vfio_pci vfio_pci_core mtty mdev migsim vfio_iommu_type1 vfio)
	for device in "$MIGCTL_LAB_NIC" "$MIGCTL_LAB_NONVIABLE"; do echo "$device" >"/sys/bus/pci/drivers/vfio-pci/unbind"; done
	for module in "${all[@]}" iommufd; do rmmod "$module" 2>/dev/null || true; done
	status=0
	output=$(vfio-migctl get "$MIGCTL_LAB_NIC" -j) || status=$?
	local loaded=0
	[ ! -d /sys/module/vfio ] || loaded=1
	for module in vfio_iommu_type1 vfio_pci mtty migsim; do modprobe "$module"; done
	for device in "$MIGCTL_LAB_NIC" "$MIGCTL_LAB_NONVIABLE"; do echo "$device" >/sys/bus/pci/drivers_probe; done
	[ "$loaded" -eq 0 ] || { lsmod; return 1; }
	[ "$status" -eq 3 ]
	json '.error.kind == "no-device" and (.error.message | contains("the vfio module is not loaded"))'
	migctl 5 get "$MIGCTL_LAB_NIC"
}
