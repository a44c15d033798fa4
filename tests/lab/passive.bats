# What must not touch a device does not, and what opens it leaves nothing behind.
load helpers

@test "list, table and explain open nothing" {
	make_sim d
	make_sim e protocol=v1
	migctl 0 list
	migctl 0 list --all -j
	migctl 0 table v1
	migctl 0 table v2 -j
	migctl 0 explain running stop
	migctl 6 explain stop-copy pre-copy --protocol v2
	migctl 2 set migsim-d nonsense
	[ "$(cat "$SIMS"/{d,e}/stats | awk '/^(opens|gets|sets|resets) / { sum += $2 } END { print sum }')" = 0 ]
}

@test "get and show write nothing and close what they opened" {
	local name key
	make_sim d
	make_sim e protocol=v1
	for name in d e; do
		migctl 0 get "migsim-$name"
		migctl 0 show "migsim-$name"
		for key in opens closes; do stat_is "$name" $key 2; done
		for key in sets resets naks bytes_out; do stat_is "$name" $key 0; done
	done
}
