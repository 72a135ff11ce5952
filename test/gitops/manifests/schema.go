package manifests

import (
	"errors"
	"fmt"
)

// Schema is as much of the OpenAPI schema of a CRD, or of the schema of a chart's values, as tells a wrong name from a right one.
type Schema struct {
	Properties map[string]Schema `json:"properties"`
	Items      *Schema           `json:"items"`
	Required   []string          `json:"required"`
	Enum       []any             `json:"enum"`
}

// Check returns an error for every field of a value that the schema does not have, for each that is missing, and for a value that
// is not among those of an enumeration. It does not look into maps, whose keys are free.
func (s Schema) Check(at string, value any) error {
	switch value := value.(type) {
	case map[string]any:
		return s.checkFields(at, value)
	case []any:
		return s.checkItems(at, value)
	}
	for _, allowed := range s.Enum {
		if allowed == value {
			return nil
		}
	}
	if len(s.Enum) > 0 {
		return fmt.Errorf("%s: %v is none of %v", at, value, s.Enum)
	}
	return nil
}

func (s Schema) checkFields(at string, fields map[string]any) error {
	if len(s.Properties) == 0 {
		return nil
	}
	var errs []error
	for _, name := range s.Required {
		if _, is := fields[name]; !is {
			errs = append(errs, fmt.Errorf("%s.%s is missing", at, name))
		}
	}
	for name, value := range fields {
		property, known := s.Properties[name]
		if !known {
			errs = append(errs, fmt.Errorf("%s.%s is unknown", at, name))
			continue
		}
		errs = append(errs, property.Check(at+"."+name, value))
	}
	return errors.Join(errs...)
}

func (s Schema) checkItems(at string, items []any) error {
	if s.Items == nil {
		return fmt.Errorf("%s is no list", at)
	}
	var errs []error
	for i, item := range items {
		errs = append(errs, s.Items.Check(fmt.Sprintf("%s[%d]", at, i), item))
	}
	return errors.Join(errs...)
}
