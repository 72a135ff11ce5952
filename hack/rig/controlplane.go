package rig

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

// Names that config/default gives to what the operator runs as.
const (
	OperatorNamespace      = "goto-operator-system"
	OperatorServiceAccount = "goto-operator-controller-manager"
)

// CRDs is the folder of the CRDs, for StartControlPlane.
const CRDs = "config/crd/bases"

// installed are the kinds of config/default that are applied here. The CRDs come with the control plane, and the operator
// is a process here, so its Deployment would only stand there without Pods.
var installed = map[string]bool{
	"Namespace": true, "ServiceAccount": true, "Role": true, "RoleBinding": true, "ClusterRole": true, "ClusterRoleBinding": true,
}

// ControlPlane is etcd and kube-apiserver.
type ControlPlane struct {
	// Config and Client are the administrator's.
	Config *rest.Config
	Client client.Client
	// Kubectl and Kubeconfig are paths: of kubectl, and of the administrator's kubeconfig.
	Kubectl, Kubeconfig string

	env *envtest.Environment
}

// StartControlPlane starts a control plane from KUBEBUILDER_ASSETS, in the root of the repository, and puts the
// administrator's kubeconfig into dir. Flags are further ones of kube-apiserver, by name; nil for none. It has the CRDs of the given
// folders.
func StartControlPlane(dir string, flags map[string]string, crds ...string) (*ControlPlane, error) {
	assets := os.Getenv("KUBEBUILDER_ASSETS")
	if assets == "" {
		return nil, errors.New("KUBEBUILDER_ASSETS is not set; see hack/controlplane.sh")
	}
	p := &ControlPlane{
		env: &envtest.Environment{
			CRDDirectoryPaths:        crds,
			ErrorIfCRDPathMissing:    true,
			ControlPlaneStartTimeout: time.Minute,
			ControlPlaneStopTimeout:  time.Minute,
		},
		Kubectl:    filepath.Join(assets, "kubectl"),
		Kubeconfig: filepath.Join(dir, "kubeconfig"),
	}
	for name, value := range flags {
		p.env.ControlPlane.GetAPIServer().Configure().Set(name, value)
	}
	var err error
	if p.Config, err = p.env.Start(); err == nil {
		p.Client, err = client.New(p.Config, client.Options{})
	}
	if err == nil {
		err = os.WriteFile(p.Kubeconfig, p.env.KubeConfig, 0o600)
	}
	if err != nil {
		return nil, errors.Join(err, p.Stop()) // a part may have started
	}
	return p, nil
}

// Stop ends both processes.
func (p *ControlPlane) Stop() error { return p.env.Stop() }

// Run calls kubectl as the administrator, and returns what it prints.
func (p *ControlPlane) Run(ctx context.Context, stdin io.Reader, args ...string) (string, error) {
	return output(ctx, stdin, p.Kubectl, append([]string{"--kubeconfig", p.Kubeconfig}, args...)...)
}

// Install applies what config/default gives the operator: its namespace, ServiceAccount and roles.
func (p *ControlPlane) Install(ctx context.Context) error {
	manifests, err := output(ctx, nil, p.Kubectl, "kustomize", "config/default")
	if err != nil {
		return err
	}
	list := unstructured.UnstructuredList{}
	list.SetAPIVersion("v1")
	list.SetKind("List")
	decoder := yaml.NewYAMLOrJSONDecoder(strings.NewReader(manifests), 4096)
	for {
		var object unstructured.Unstructured
		if err := decoder.Decode(&object.Object); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return fmt.Errorf("config/default: %w", err)
		}
		if installed[object.GetKind()] {
			list.Items = append(list.Items, object)
		}
	}
	encoded, err := json.Marshal(&list)
	if err != nil {
		return err
	}
	_, err = p.Run(ctx, strings.NewReader(string(encoded)), "apply", "--server-side", "-f", "-")
	return err
}

// OperatorKubeconfig writes a kubeconfig with a token of the operator's own ServiceAccount into dir and returns its path.
func (p *ControlPlane) OperatorKubeconfig(ctx context.Context, dir string) (string, error) {
	account := &corev1.ServiceAccount{}
	account.Namespace, account.Name = OperatorNamespace, OperatorServiceAccount
	request := &authenticationv1.TokenRequest{}
	if err := p.Client.SubResource("token").Create(ctx, account, request); err != nil {
		return "", fmt.Errorf("token of the operator's ServiceAccount: %w", err)
	}
	path := filepath.Join(dir, "operator.kubeconfig")
	return path, writeKubeconfig(path, p.Config, request.Status.Token)
}

// writeKubeconfig writes a kubeconfig for the server of config and the bearer of token.
func writeKubeconfig(path string, config *rest.Config, token string) error {
	const name = "local"
	content := clientcmdapi.NewConfig()
	content.Clusters[name] = &clientcmdapi.Cluster{Server: config.Host, CertificateAuthorityData: config.CAData}
	content.AuthInfos[name] = &clientcmdapi.AuthInfo{Token: token}
	content.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: name}
	content.CurrentContext = name
	return clientcmd.WriteToFile(*content, path)
}
