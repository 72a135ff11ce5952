package s3

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/s3api"
	"github.com/versity/versitygw/s3api/middlewares"

	"github.com/goto-operator/goto-operator/internal/reportstore"
)

const secret = "secret-of-the-bucket"

// gateway is versitygw, a server that people run: it has a folder for a bucket, and checks signatures.
func gateway(t *testing.T) (endpoint, folder string) {
	t.Helper()
	root := t.TempDir()
	folder = filepath.Join(root, bucket)
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	backend, err := posix.New(root, meta.XattrMeta{}, posix.PosixOpts{Concurrency: 8})
	if err != nil {
		t.Fatal(err)
	}
	owner := auth.Account{Access: key, Secret: secret, Role: auth.RoleAdmin}
	listening := make(chan struct{})
	server, err := s3api.New(backend, middlewares.RootUserConfig{Access: key, Secret: secret}, "eu-central-1", auth.NewIAMServiceSingle(owner), nil, nil, nil, nil,
		s3api.WithQuiet(), s3api.WithConcurrencyLimiter(8, 8), s3api.WithMpMaxParts(100), s3api.WithOnListen(func() { close(listening) }))
	if err != nil {
		t.Fatal(err)
	}
	address := free(t)
	ended := make(chan error, 1)
	go func() { ended <- server.ServeMultiPort([]string{address}) }()
	t.Cleanup(func() { _ = server.ShutDown(); backend.Shutdown() })
	select {
	case <-listening:
	case err := <-ended:
		t.Fatal(err)
	}
	return "http://" + address, folder
}

// free is an address where nobody listens.
func free(t *testing.T) string {
	t.Helper()
	var config net.ListenConfig
	l, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// A report of 3 MiB arrives whole in a server that people run, takes the place of an earlier one, and goes when it is pruned; a wrong secret
// is refused by its signature.
func TestLargeReportInVersityGateway(t *testing.T) {
	endpoint, folder := gateway(t)
	store := reportstore.Bucket{
		Endpoint: endpoint, Region: "eu-central-1", Name: bucket, Prefix: "goto/eu", AccessKeyID: key, SecretAccessKey: secret,
		Owner: reportstore.Owner{Namespace: "team", Name: "usage", UID: "uid"},
	}
	report := func(fill byte) []reportstore.File {
		return []reportstore.File{{Format: "xlsx", ContentType: "application/x", Data: bytes.Repeat([]byte{fill, 1, 2, 3}, 3<<18)}}
	}
	path := filepath.Join(folder, "goto/eu/team/usage/uid-20300107T023000Z.xlsx")
	for _, fill := range []byte{7, 8} {
		where, err := store.Put(t.Context(), monday, report(fill))
		if err != nil || !slices.Equal(where, []string{"s3://reports/goto/eu/team/usage/uid-20300107T023000Z.xlsx"}) {
			t.Fatal(where, err)
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, report(fill)[0].Data) {
			t.Errorf("%d bytes are there: %v", len(got), err)
		}
	}
	wrong := store
	wrong.SecretAccessKey = "another"
	if _, err := wrong.Put(t.Context(), monday.Add(time.Hour), report(9)); err == nil {
		t.Error("a wrong secret is taken")
	}
	if err := store.Prune(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("what was pruned is there: %v", err)
	}
}
