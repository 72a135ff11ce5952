package records_test

import (
	"maps"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/goto-operator/goto-operator/internal/account/records"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// What is counted is what a look at all records would count, whatever was read and written, in whichever order.
func TestHoldersAreCountedAsTheyChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		opts := options()
		opts.Has = func(t *thing) []records.Held { return has(t.a) }
		r, at := records.New(opts), time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
		some := rapid.Custom(func(t *rapid.T) *thing {
			if rapid.IntRange(0, 3).Draw(t, "gone") == 0 {
				return nil
			}
			return &thing{name: "n", a: rapid.SampledFrom([]string{"", "1", "12", "2"}).Draw(t, "has")}
		})
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			at = at.Add(time.Duration(rapid.IntRange(0, 90).Draw(t, "seconds")) * time.Second)
			key, one := gotoclient.Key(strconv.Itoa(rapid.IntRange(0, 3).Draw(t, "key"))), some.Draw(t, "thing")
			switch act := rapid.IntRange(0, 3).Draw(t, "act"); {
			case act == 0:
				list := map[gotoclient.Key]*thing{}
				for i := range 4 {
					if it := some.Draw(t, "listed"); it != nil {
						k := gotoclient.Key(strconv.Itoa(i))
						list[k] = r.Keep(k, it)
					}
				}
				r.Read(at.Add(-time.Duration(rapid.IntRange(0, 60).Draw(t, "began"))*time.Second), list)
			case act == 1:
				r.Write(key, one, at)
			case act == 2:
				r.Correct(key, one, at)
			case one != nil:
				r.Show(key, one, at)
			}
			if counted, is := r.Holders(), recount(r); !maps.Equal(counted, is) {
				t.Fatalf("counted %v, and there are %v", counted, is)
			}
		}
	})
}

func has(text string) (out []records.Held) {
	for _, c := range text {
		out = append(out, records.Held{Sort: "letter", Key: gotoclient.Key(c)})
	}
	return out
}

func recount(r *records.Records[thing]) map[records.Held]int {
	out := map[records.Held]int{}
	for _, one := range r.All() {
		for _, held := range has(one.a) {
			out[held]++
		}
	}
	return out
}
