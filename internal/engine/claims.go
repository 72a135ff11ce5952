package engine

import (
	"context"
	"hash/fnv"
	"slices"
	"strconv"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// claimsOf are an object's claims: what its spec names, and the counterpart that it knows or may have made.
func claimsOf[O Object, S any](c Claimer[O, S], obj O) []string {
	claims := c.Names(obj)
	if claim := counterpartClaim(c, obj); claim != "" && !slices.Contains(claims, claim) {
		claims = append(claims, claim)
	}
	return claims
}

// counterpartClaim is by the key, and while there is none by what the intent says: the spec may ask for another name since.
func counterpartClaim[O Object, S any](c Claimer[O, S], obj O) string {
	if key := gotoclient.Key(*obj.RemoteKey()); key != "" {
		return KeyClaim(key)
	}
	switch id := identityOf(obj); {
	case id.Key != "":
		return KeyClaim(id.Key)
	case id.open():
		return c.Begun(id.Intent)
	}
	return ""
}

// withClaim are the objects that have a claim, the oldest first. They are the cache's own: read only.
func withClaim[O Object, S any](ctx context.Context, reader client.Reader, c Claimer[O, S], into client.ObjectList, claim string) ([]O, error) {
	near, err := claimants[O](ctx, reader, into, client.MatchingFields{indexClaim: claimBucket(claim)}, client.UnsafeDisableDeepCopy)
	found := slices.DeleteFunc(near, func(o O) bool { return !slices.Contains(claimsOf(c, o), claim) })
	slices.SortFunc(found, byAge) // an index has no order, and what is said of the first of them is not to change with it
	return found, err
}

// claimBuckets is into how many the claims of all objects are sorted. An index with an entry for each claim would take more memory than
// half of a GoToUser, since hardly two objects have the same claim.
const claimBuckets = 4096

// claimBucket is where the index has the objects with a claim, beside some with others.
func claimBucket(claim string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(claim))
	return strconv.Itoa(int(h.Sum32() % claimBuckets))
}

// bucketsOf are those of all claims of an object.
func bucketsOf(claims []string) []string {
	out := make([]string, len(claims))
	for i, claim := range claims {
		out[i] = claimBucket(claim)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
