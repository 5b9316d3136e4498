package config

import (
	"maps"
	"slices"
)

// Keys returns every key that a configuration file may have, older and foreign spellings
// included, in the order of the alphabet: host, connectionOptions.toolTimeout,
// mcpEndpoint[].name. Elements of lists are marked by [], and members whose names the user
// chooses by {}, as in mcpServers{}.tools{}.enabled. It is for those who show or document
// settings, so that they notice a new one.
func Keys() []string {
	all := slices.Clone(topKeys)
	add := func(place string, keys []string) {
		for _, key := range keys {
			all = append(all, place+key)
		}
	}
	for _, section := range slices.Sorted(maps.Keys(sectionKeys)) {
		add(section+".", sectionKeys[section])
	}
	add("mcpEndpoint[].", endpointKeys)
	add("mcpServers{}.", serverKeys)
	add("mcpServers{}.tools{}.", toolKeys)
	add("mcpServers."+ReservedServer+".", builtinKeys)
	add("remoteTools{}.", toolKeys)
	for _, o := range options {
		add("", append([]string{o.key}, o.aliases...))
	}
	slices.Sort(all)
	return slices.Compact(all)
}
