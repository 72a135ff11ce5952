package engine

import (
	"context"
	"hash/fnv"
	"slices"
	"strconv"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// claimsOf are an object's claims: what its spec names, and the counterpart that it knows.
func claimsOf[O Object, S any](c Claimer[O, S], obj O) []string {
	claims := c.Names(obj)
	key := gotoclient.Key(*obj.RemoteKey())
	if key == "" {
		key = identityOf(obj).Key
	}
	if claim := KeyClaim(key); key != "" && !slices.Contains(claims, claim) {
		claims = append(claims, claim)
	}
	return claims
}

// withClaim are the objects that have a claim. They are the cache's own: read only.
func withClaim[O Object, S any](ctx context.Context, reader client.Reader, c Claimer[O, S], into client.ObjectList, claim string) ([]O, error) {
	near, err := claimants[O](ctx, reader, into, client.MatchingFields{indexClaim: claimBucket(claim)}, client.UnsafeDisableDeepCopy)
	return slices.DeleteFunc(near, func(o O) bool { return !slices.Contains(claimsOf(c, o), claim) }), err
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
