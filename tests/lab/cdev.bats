# The cdev and iommufd way: /dev/vfio/devices/vfioN.
load helpers

UUID=6f1de5a2-0c1c-4f0e-9c59-0000000000ae

setup() {
	lab_setup
	need_debug "this kernel has neither VFIO_DEVICE_CDEV nor iommufd"
}

teardown() {
	mtty_remove $UUID
	untraced lab_teardown
}

mtty_cdev() { basename "/sys/bus/mdev/devices/$UUID/vfio-dev/"vfio*; }

# by_cdev NAME FILTER: nothing of it goes by the group
by_cdev() {
	migctl 0 show "$1" -j
	json ".device.cdev == \"$1\" and .state == \"running\" and $2"
	migctl 0 get "/dev/vfio/devices/$1" --trace
	err_has "open(\"/dev/vfio/devices/$1\""
	err_has 'VFIO_DEVICE_BIND_IOMMUFD'
	err_lacks VFIO_GROUP
	migctl 0 set "$1" stop running -j
	json '.outcome == "accepted" and .state == "running"'
}

@test "migsim v2 by vfioN: show, get, set, reset" {
	make_sim d
	by_cdev "$(sim_get d cdev)" '.device.name == "migsim-d" and .protocol == "v2"'
	migctl 0 reset "$(sim_get d cdev)"
	stat_is d resets 1
	stat_is d opens 4
	stat_is d open_now 0
}

@test "migsim v1 by vfioN: show, get, set, reset" {
	make_sim d protocol=v1
	by_cdev "$(sim_get d cdev)" '.device.name == "migsim-d" and .protocol == "v1"'
	migctl 0 reset "$(sim_get d cdev)"
	stat_is d resets 1
}

@test "mtty by vfioN: show, get, set; it offers no reset" {
	mtty_make $UUID
	by_cdev "$(mtty_cdev)" ".device.name == \"$UUID\" and .protocol == \"v2\""
	migctl 1 reset "$(mtty_cdev)" -j
	json '.error.errno == "EOPNOTSUPP"'
}

# by_name NAME NODE: the group's node is not there
by_name() {
	mv "$2" "$2.away"
	migctl 0 get "$1" --trace
	err_has 'VFIO_DEVICE_BIND_IOMMUFD'
	migctl 0 show "$1"
	migctl 0 set "$1" stop running
	migctl "$3" reset "$1"
	mv "$2.away" "$2"
	migctl 0 get "$1" --trace
	err_has VFIO_GROUP_GET_DEVICE_FD
}

@test "by name when the group's node is not there: migsim and mtty" {
	make_sim d
	by_name migsim-d "$(group_node d)" 0
	mtty_make $UUID
	by_name $UUID "/dev/vfio/$(basename "$(readlink "/sys/bus/mdev/devices/$UUID/iommu_group")")" 1
}

# One opener, whichever way either came.
@test "busy by cdev and by group" {
	make_sim d
	sim_fault d 'get delay ms=4000'
	background vfio-migctl get "$(sim_get d cdev)"
	wait_until 5 stat_is d hanging 1
	migctl 4 get "$(sim_get d cdev)" -j
	json '.error.kind == "busy" and (.error.hint | contains("(vfio-migctl)"))'
	migctl 4 get migsim-d
	err_has '(vfio-migctl)'
	ended "$!"
	[ "$status" -eq 0 ]
}

@test "a driver that hangs, by cdev" {
	make_sim d
	sim_fault d 'get hang'
	migctl 10 get "$(sim_get d cdev)" --timeout 0.5
	stat_is d open_now 0
	migctl 0 get "$(sim_get d cdev)"
}

# As in a container whose /dev was copied: the number in it is another device's by now.
@test "a stale node of another device is not taken for this one" {
	local node
	make_sim d
	make_sim e
	node=/dev/vfio/devices/$(sim_get d cdev)
	mv "$node" "$node.away"
	cp -a "/dev/vfio/devices/$(sim_get e cdev)" "$node"
	run vfio-migctl get "$(sim_get d cdev)" -j
	mv -f "$node.away" "$node"
	[ "$status" -eq 3 ]
	json '.state == null and .error.kind == "no-device" and (.error.message | contains("is not the node of migsim-d"))'
	stat_is d opens 0
	stat_is e gets 0
}
