//go:build linux

package cluster

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// archives is where make has put the images.
const archives = "bin/images"

// image is what a container is made of.
type image struct {
	User       string
	Entrypoint []string
	files      map[string]string // path inside to path outside
}

// image unpacks the archive of a program, once. That of kubectl, which the project does not make, has kubectl alone.
func (c *cluster) image(t *testing.T, program string) *image {
	t.Helper()
	if program == filepath.Base(c.Kubectl) {
		return &image{User: "65532:65532", Entrypoint: []string{"/" + program}, files: map[string]string{"/" + program: c.Kubectl}}
	}
	if c.images[program] == nil {
		c.images[program] = unpacked(t, program, filepath.Join(c.dir, "images", program))
	}
	return c.images[program]
}

func unpacked(t *testing.T, program, folder string) *image {
	t.Helper()
	archive, err := filepath.Abs(filepath.Join(archives, program+".tar"))
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "go", "run", ".", "unpack", archive, folder)
	command.Dir = "hack/image"
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("make test-cluster makes the images: %v", err)
	}
	i := &image{files: map[string]string{}}
	if err := json.Unmarshal(out, i); err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			i.files[path[len(folder):]] = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// volumes are the ConfigMaps and Secrets that are mounted, by their paths inside.
func (c *cluster) volumes(t *testing.T, p *pod, folder string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, mount := range p.Spec.Containers[0].VolumeMounts {
		for _, v := range p.Spec.Volumes {
			if v.Name != mount.Name {
				continue
			}
			found[mount.MountPath] = filepath.Join(folder, v.Name)
			project(t, found[mount.MountPath], c.content(t, p.Namespace, v))
		}
	}
	return found
}

// content is what a volume holds, by name of file.
func (c *cluster) content(t *testing.T, namespace string, v corev1.Volume) map[string]string {
	t.Helper()
	data, items := map[string]string{}, []corev1.KeyToPath(nil)
	var from client.Object
	switch {
	case v.ConfigMap != nil:
		from, items = &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: v.ConfigMap.Name}}, v.ConfigMap.Items
	case v.Secret != nil:
		from, items = &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: v.Secret.SecretName}}, v.Secret.Items
	default:
		t.Fatalf("the node does not know what %s is", v.Name)
	}
	if err := c.Client.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: from.GetName()}, from); err != nil {
		t.Fatal(err)
	}
	if m, is := from.(*corev1.ConfigMap); is && len(items) == 0 {
		return m.Data
	}
	for _, item := range items {
		if m, is := from.(*corev1.ConfigMap); is {
			data[item.Path] = m.Data[item.Key]
		} else {
			data[item.Path] = string(from.(*corev1.Secret).Data[item.Key])
		}
		if data[item.Path] == "" {
			t.Fatalf("%s has no %s", from.GetName(), item.Key)
		}
	}
	return data
}

// project lays files out as a kubelet does, so that it can replace them all at once: each is a link into a folder that is one too.
func project(t *testing.T, folder string, files map[string]string) {
	t.Helper()
	const version = "..2026_01_01_00_00_00.1"
	if err := os.MkdirAll(filepath.Join(folder, version), 0o755); err != nil {
		t.Fatal(err)
	}
	links := map[string]string{"..data": version}
	for name, content := range files {
		write(t, filepath.Join(folder, version, name), content)
		links[name] = filepath.Join("..data", name)
	}
	for name, to := range links {
		if err := os.Symlink(to, filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
}
