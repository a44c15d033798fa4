// SPDX-License-Identifier: GPL-2.0-or-later
/* A VF as its PF's network device tells of it. */
#include <json-c/json.h>

#include "json.h"

static struct json_object *number(int value)
{
	return value < 0 ? NULL : json_object_new_int(value);
}

static struct json_object *counters_object(const struct mig_nic_record *nic)
{
	const struct mig_vf_counters *counters = &nic->counters;
	const struct {
		const char *key;
		uint64_t value;
	} all[] = {
		{ "rx_packets", counters->rx_packets }, { "tx_packets", counters->tx_packets },
		{ "rx_bytes", counters->rx_bytes },     { "tx_bytes", counters->tx_bytes },
		{ "broadcast", counters->broadcast },   { "multicast", counters->multicast },
		{ "rx_dropped", counters->rx_dropped }, { "tx_dropped", counters->tx_dropped },
	};
	struct json_object *object;

	if (!nic->counted)
		return NULL;
	object = json_object_new_object();
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		json_object_object_add(object, all[i].key, json_object_new_uint64(all[i].value));
	return object;
}

struct json_object *json_nic(const struct mig_nic_record *nic)
{
	struct json_object *object;
	char mac[18];

	if (!nic)
		return NULL;
	object = json_object_new_object();
	json_object_object_add(object, "pf_netdev", json_text(nic->pf_netdev));
	json_object_object_add(object, "vf", json_object_new_int(nic->vf));
	json_object_object_add(object, "mac",
			       nic->mac_known ? json_text(mig_mac_text(nic->mac, mac)) : NULL);
	json_object_object_add(object, "vlan", number(nic->vlan));
	json_object_object_add(object, "vlan_qos", number(nic->qos));
	json_object_object_add(object, "vlan_proto",
			       json_text(mig_vlan_proto_name(nic->vlan_proto)));
	json_object_object_add(object, "trust", json_flag(nic->trust));
	json_object_object_add(object, "spoofchk", json_flag(nic->spoofchk));
	json_object_object_add(object, "link_state", json_text(mig_vf_link_name(nic->link)));
	json_object_object_add(object, "min_rate",
			       nic->rates_known ? json_object_new_int64(nic->min_rate) : NULL);
	json_object_object_add(object, "max_rate",
			       nic->rates_known ? json_object_new_int64(nic->max_rate) : NULL);
	json_object_object_add(object, "counters", counters_object(nic));
	return object;
}
