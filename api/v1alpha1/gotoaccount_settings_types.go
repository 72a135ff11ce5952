package v1alpha1

// AccountSettings are settings of the account itself. What is not set is not managed.
//
// +kubebuilder:validation:XValidation:rule="has(self.name) || has(self.logo)",message="name at least one setting, or leave settings out"
type AccountSettings struct {
	// name of the account. One that is changed in GoTo is put back at the next reading of the account.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	Name string `json:"name,omitempty"`

	// logo is what GoToMeeting shows for the account. It is written when it changes here: what GoTo has cannot be read back. The
	// operation uploadLogo is one that nobody has verified: see endpoints.unverified.
	// +optional
	Logo LogoSource `json:"logo,omitzero"`
}

// LogoSource names a picture in the namespace of the GoToAccount: a GIF or JPG of at most 400 by 200 pixels and 100 KB.
//
// +kubebuilder:validation:XValidation:rule="has(self.configMapRef) != has(self.secretRef)",message="name either a ConfigMap or a Secret"
type LogoSource struct {
	// configMapRef names a key of a ConfigMap, in binaryData.
	// +optional
	ConfigMapRef KeyReference `json:"configMapRef,omitzero"`

	// secretRef names a key of a Secret.
	// +optional
	SecretRef KeyReference `json:"secretRef,omitzero"`
}

// KeyReference names a key of a ConfigMap or Secret in the same namespace.
type KeyReference struct {
	// name of the ConfigMap or Secret.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`

	// key in it.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Key string `json:"key,omitempty"`
}

// AccountSettingsStatus is what became of the settings of the account itself. The condition SettingsApplied says how they stand.
type AccountSettingsStatus struct {
	// logoChecksum is the SHA-256 of the logo that was last written, in hexadecimal.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	LogoChecksum string `json:"logoChecksum,omitempty"`

	// drift lists what is different in GoTo and has not been corrected.
	// +optional
	// +listType=map
	// +listMapKey=field
	// +kubebuilder:validation:MaxItems=16
	Drift []FieldDrift `json:"drift,omitempty"`
}
