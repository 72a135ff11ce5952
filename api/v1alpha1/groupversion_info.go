package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var (
	// GroupVersion is the group and version of every type in this package.
	GroupVersion = schema.GroupVersion{Group: "goto-operator.dev", Version: "v1alpha1"}

	schemeBuilder = runtime.NewSchemeBuilder(addKnownTypes)

	// AddToScheme adds the types of this package to a scheme.
	AddToScheme = schemeBuilder.AddToScheme
)

func addKnownTypes(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion,
		&GoToAccount{}, &GoToAccountList{},
		&GoToUser{}, &GoToUserList{},
		&GoToGroup{}, &GoToGroupList{},
		&GoToLicenseBinding{}, &GoToLicenseBindingList{},
		&GoToMeeting{}, &GoToMeetingList{},
		&GoToAttribute{}, &GoToAttributeList{},
		&GoToEmailTemplate{}, &GoToEmailTemplateList{},
	)
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
}
