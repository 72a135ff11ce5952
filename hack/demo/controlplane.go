package main

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
	operatorNamespace      = "goto-operator-system"
	operatorServiceAccount = "goto-operator-controller-manager"
)

// installed are the kinds of config/default that the demo applies. The CRDs come with the control plane, and the operator
// is a process here, so its Deployment would only stand there without Pods.
var installed = map[string]bool{
	"Namespace": true, "ServiceAccount": true, "Role": true, "RoleBinding": true, "ClusterRole": true, "ClusterRoleBinding": true,
}

// controlPlane is etcd and kube-apiserver, with the CRDs.
type controlPlane struct {
	env        *envtest.Environment
	client     client.Client
	kubectl    string // path of kubectl
	kubeconfig string // path of the administrator's kubeconfig
}

// startControlPlane starts a control plane from KUBEBUILDER_ASSETS and puts the administrator's kubeconfig into dir.
func startControlPlane(dir string) (*controlPlane, error) {
	assets := os.Getenv("KUBEBUILDER_ASSETS")
	if assets == "" {
		return nil, errors.New("KUBEBUILDER_ASSETS is not set; run make demo")
	}
	p := &controlPlane{
		env: &envtest.Environment{
			CRDDirectoryPaths:        []string{"config/crd/bases"},
			ErrorIfCRDPathMissing:    true,
			ControlPlaneStartTimeout: time.Minute,
		},
		kubectl:    filepath.Join(assets, "kubectl"),
		kubeconfig: filepath.Join(dir, "kubeconfig"),
	}
	config, err := p.env.Start()
	if err == nil {
		p.client, err = client.New(config, client.Options{})
	}
	if err == nil {
		err = os.WriteFile(p.kubeconfig, p.env.KubeConfig, 0o600)
	}
	if err != nil {
		return nil, errors.Join(err, p.stop()) // a part may have started
	}
	return p, nil
}

func (p *controlPlane) stop() error { return p.env.Stop() }

// run calls kubectl as the administrator.
func (p *controlPlane) run(ctx context.Context, stdin io.Reader, args ...string) (string, error) {
	return output(ctx, stdin, p.kubectl, append([]string{"--kubeconfig", p.kubeconfig}, args...)...)
}

// install applies what config/default gives the operator: its namespace, ServiceAccount and roles.
func (p *controlPlane) install(ctx context.Context) error {
	manifests, err := output(ctx, nil, p.kubectl, "kustomize", "config/default")
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
	_, err = p.run(ctx, strings.NewReader(string(encoded)), "apply", "--server-side", "-f", "-")
	return err
}

// operatorKubeconfig writes a kubeconfig with a token of the operator's own ServiceAccount into dir and returns its path.
func (p *controlPlane) operatorKubeconfig(ctx context.Context, dir string) (string, error) {
	account := &corev1.ServiceAccount{}
	account.Namespace, account.Name = operatorNamespace, operatorServiceAccount
	request := &authenticationv1.TokenRequest{}
	if err := p.client.SubResource("token").Create(ctx, account, request); err != nil {
		return "", fmt.Errorf("token of the operator's ServiceAccount: %w", err)
	}
	path := filepath.Join(dir, "operator.kubeconfig")
	return path, writeKubeconfig(path, p.env.Config, request.Status.Token)
}

// writeKubeconfig writes a kubeconfig for the server of config and the bearer of token.
func writeKubeconfig(path string, config *rest.Config, token string) error {
	const name = "demo"
	content := clientcmdapi.NewConfig()
	content.Clusters[name] = &clientcmdapi.Cluster{Server: config.Host, CertificateAuthorityData: config.CAData}
	content.AuthInfos[name] = &clientcmdapi.AuthInfo{Token: token}
	content.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: name}
	content.CurrentContext = name
	return clientcmd.WriteToFile(*content, path)
}
