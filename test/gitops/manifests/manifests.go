// Package manifests has as much of the kinds of Argo CD and Flux as config/examples uses, so that a field that they do not have is
// found: the names are those of the two projects' documentation. It may not import the operator.
package manifests

// Meta is the metadata of an object.
type Meta struct {
	Name        string            `json:"name"`
	Namespace   string            `json:"namespace,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// Object is what every manifest begins with.
type Object struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   Meta   `json:"metadata"`
}

// Application is argoproj.io/v1alpha1.
type Application struct {
	Object `json:",inline"`
	Spec   ApplicationSpec `json:"spec"`
}

// ApplicationSpec says where an Application comes from and goes to.
type ApplicationSpec struct {
	Project     string      `json:"project"`
	Source      Source      `json:"source"`
	Destination Destination `json:"destination"`
	SyncPolicy  SyncPolicy  `json:"syncPolicy"`
}

// Source is a folder of manifests in a Git repository.
type Source struct {
	RepoURL        string    `json:"repoURL"`
	TargetRevision string    `json:"targetRevision"`
	Path           string    `json:"path"`
	Directory      Directory `json:"directory"`
}

// Directory says whether a Source has the folders below too.
type Directory struct {
	Recurse bool `json:"recurse"`
}

// Destination is a cluster, and a namespace for what names none.
type Destination struct {
	Server    string `json:"server"`
	Namespace string `json:"namespace"`
}

// SyncPolicy says what Argo CD does unasked.
type SyncPolicy struct {
	Automated struct {
		Prune    bool `json:"prune"`
		SelfHeal bool `json:"selfHeal"`
	} `json:"automated"`
}

// ApplicationSet is argoproj.io/v1alpha1.
type ApplicationSet struct {
	Object `json:",inline"`
	Spec   struct {
		GoTemplate        bool        `json:"goTemplate"`
		GoTemplateOptions []string    `json:"goTemplateOptions"`
		Generators        []Generator `json:"generators"`
		SyncPolicy        struct {
			PreserveResourcesOnDeletion bool `json:"preserveResourcesOnDeletion"`
		} `json:"syncPolicy"`
		Template struct {
			Metadata Meta            `json:"metadata"`
			Spec     ApplicationSpec `json:"spec"`
		} `json:"template"`
	} `json:"spec"`
}

// Generator makes an Application of each folder of a Git repository that a path with wildcards names.
type Generator struct {
	Git struct {
		RepoURL     string `json:"repoURL"`
		Revision    string `json:"revision"`
		Directories []struct {
			Path string `json:"path"`
		} `json:"directories"`
	} `json:"git"`
}

// ConfigMap is of v1.
type ConfigMap struct {
	Object `json:",inline"`
	Data   map[string]string `json:"data"`
}

// GitRepository is source.toolkit.fluxcd.io/v1.
type GitRepository struct {
	Object `json:",inline"`
	Spec   struct {
		Interval string `json:"interval"`
		URL      string `json:"url"`
		Ref      struct {
			Branch string `json:"branch"`
		} `json:"ref"`
	} `json:"spec"`
}

// Reference is to an object of a kind of Flux.
type Reference struct {
	Kind      string `json:"kind,omitempty"`
	Name      string `json:"name"`
	Namespace string `json:"namespace,omitempty"`
}

// Kustomization is kustomize.toolkit.fluxcd.io/v1.
type Kustomization struct {
	Object `json:",inline"`
	Spec   struct {
		DependsOn        []Reference   `json:"dependsOn"`
		Interval         string        `json:"interval"`
		Timeout          string        `json:"timeout"`
		Prune            *bool         `json:"prune"`
		DeletionPolicy   string        `json:"deletionPolicy"`
		TargetNamespace  string        `json:"targetNamespace"`
		SourceRef        Reference     `json:"sourceRef"`
		Path             string        `json:"path"`
		Wait             bool          `json:"wait"`
		HealthChecks     []HealthCheck `json:"healthChecks"`
		HealthCheckExprs []Expressions `json:"healthCheckExprs"`
	} `json:"spec"`
}

// HealthCheck names an object that has to be ready.
type HealthCheck struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Name       string `json:"name"`
	Namespace  string `json:"namespace"`
}

// Expressions say in CEL how the objects of a kind are.
type Expressions struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	InProgress string `json:"inProgress"`
	Failed     string `json:"failed"`
	Current    string `json:"current"`
}

// Action says how Helm installs or upgrades.
type Action struct {
	DisableWait bool `json:"disableWait"`
}

// HelmRelease is helm.toolkit.fluxcd.io/v2.
type HelmRelease struct {
	Object `json:",inline"`
	Spec   struct {
		Interval    string `json:"interval"`
		Timeout     string `json:"timeout"`
		ReleaseName string `json:"releaseName"`
		Install     Action `json:"install"`
		Upgrade     Action `json:"upgrade"`
		Chart       struct {
			Spec struct {
				Chart             string    `json:"chart"`
				ReconcileStrategy string    `json:"reconcileStrategy"`
				SourceRef         Reference `json:"sourceRef"`
			} `json:"spec"`
		} `json:"chart"`
		Values map[string]any `json:"values"`
	} `json:"spec"`
}
