package memkube

import (
	"encoding/json"
	"fmt"
	"os"

	"k8s.io/apimachinery/pkg/runtime/schema"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"
)

// Schema is as much of a CRD's schema as sets defaults.
type Schema struct {
	Default              json.RawMessage   `json:"default"`
	Properties           map[string]Schema `json:"properties"`
	Items                *Schema           `json:"items"`
	AdditionalProperties *Schema           `json:"additionalProperties"`
}

// fill adds the defaults that a value lacks.
func (s Schema) fill(value any) {
	switch v := value.(type) {
	case map[string]any:
		for name, p := range s.Properties {
			if _, has := v[name]; !has && p.Default != nil {
				var value any
				_ = utiljson.Unmarshal(p.Default, &value) // it was part of a document that could be read
				v[name] = value
			}
			p.fill(v[name])
		}
		if s.AdditionalProperties != nil {
			for _, item := range v {
				s.AdditionalProperties.fill(item)
			}
		}
	case []any:
		if s.Items != nil {
			for _, item := range v {
				s.Items.fill(item)
			}
		}
	}
}

// FromCRD reads what a file says of a custom resource. All have a status.
func FromCRD(file string) (Resource, error) {
	var crd struct {
		Spec struct {
			Group string `json:"group"`
			Names struct {
				Kind   string `json:"kind"`
				Plural string `json:"plural"`
			} `json:"names"`
			Versions []struct {
				Name   string `json:"name"`
				Schema struct {
					OpenAPIV3Schema Schema `json:"openAPIV3Schema"`
				} `json:"schema"`
			} `json:"versions"`
		} `json:"spec"`
	}
	data, err := os.ReadFile(file) //nolint:gosec // the project's own
	if err == nil {
		err = yaml.Unmarshal(data, &crd)
	}
	if err != nil {
		return Resource{}, err
	}
	if len(crd.Spec.Versions) != 1 {
		return Resource{}, fmt.Errorf("%s has %d versions", file, len(crd.Spec.Versions))
	}
	v := crd.Spec.Versions[0]
	return Resource{
		GroupVersionResource: schema.GroupVersionResource{Group: crd.Spec.Group, Version: v.Name, Resource: crd.Spec.Names.Plural},
		Kind:                 crd.Spec.Names.Kind, Namespaced: true, Status: true, Schema: v.Schema.OpenAPIV3Schema,
	}, nil
}
