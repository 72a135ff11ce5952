package gotoclient

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

const (
	// accountPlaceholder is where the account's key goes.
	accountPlaceholder = "{accountKey}"
	// productPlaceholder is where a product code goes.
	productPlaceholder = "{product}"
)

// route is where a client sends an operation.
type route struct {
	endpoint            // as it is sent
	table      endpoint // as the table has it
	overridden bool
}

// tableRoutes returns the route of every operation without overrides, and the operation of every shape: to be read, not
// written. Each look at an account asks for them.
var tableRoutes = sync.OnceValues(func() (map[string]route, map[string]string) {
	routes, taken := make(map[string]route, len(endpoints)), make(map[string]string, len(endpoints))
	for id, e := range endpoints {
		routes[id], taken[e.shape()] = route{endpoint: e, table: e}, id
	}
	return routes, taken
})

// newRoutes returns the route of every operation. An error names the override that
// cannot be.
func newRoutes(overrides map[string]Override) (map[string]route, error) {
	routes, taken := tableRoutes()
	if len(overrides) == 0 {
		return routes, nil
	}
	routes, taken = maps.Clone(routes), maps.Clone(taken)
	for _, id := range slices.Sorted(maps.Keys(overrides)) {
		moved, err := overrides[id].apply(id)
		if err != nil {
			return nil, err
		}
		routes[id] = moved
		other, is := taken[moved.shape()]
		switch {
		case !is:
			taken[moved.shape()] = id
		case other != id && other != shares[id]:
			return nil, badOverride(id, "this is the request of "+other+": name another method or path")
		}
	}
	return routes, nil
}

// idempotent: what is not by the table is not by any other method, else a create
// would be made twice.
func (r route) idempotent() bool { return r.endpoint.idempotent() && r.table.idempotent() }

// unverified reports whether nobody vouches for the route: who overrides it does.
func (r route) unverified() bool { return r.grade == GradeUnverified && !r.overridden }

// expand puts the keys of a request into the path: the account's and the product by
// their names, the others in the order of the table's own path, wherever an override
// has them.
func (r route) expand(req request) (string, error) {
	path, others := r.path, req.others()
	for _, name := range placeholders(r.table.path) {
		if name == productPlaceholder {
			if err := checkProduct(req.operation, req.product); err != nil {
				return "", err
			}
			path = strings.Replace(path, name, req.product, 1)
			continue
		}
		keys := []Key{req.account}
		if name != accountPlaceholder {
			if len(others) == 0 {
				return "", checkKeys(req.operation, "")
			}
			keys, others = others[0], others[1:]
		}
		if err := checkSegment(req.operation, name, keys); err != nil {
			return "", err
		}
		path = strings.Replace(path, name, joinKeys(keys), 1)
	}
	return path, nil
}

// shape is what two endpoints share whose requests are the same.
func (e endpoint) shape() string {
	path := e.path
	for _, name := range placeholders(path) {
		path = strings.Replace(path, name, "{}", 1)
	}
	return e.method + " " + strings.ToLower(path)
}

// placeholders returns the segments of a path that stand for keys, in order.
func placeholders(path string) []string {
	var names []string
	for segment := range strings.SplitSeq(path, "/") {
		if strings.HasPrefix(segment, "{") {
			names = append(names, segment)
		}
	}
	return names
}

// roleSetPlaceholder is where the id of a custom role goes.
const roleSetPlaceholder = "{roleSetId}"

// checkSegment refuses what cannot stand in the place of a placeholder. Ids of custom
// roles may be other than digits (UNVERIFIED).
func checkSegment(operation, placeholder string, keys []Key) error {
	if placeholder == roleSetPlaceholder && len(keys) == 1 && keys[0].isSegment() {
		return nil
	}
	return checkKeys(operation, keys...)
}
