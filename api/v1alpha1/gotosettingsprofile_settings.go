package v1alpha1

import (
	"encoding/json"
	"fmt"
)

// MeetingSettings are settings of G2M by the names that GoTo gives them in the record of a user (L). What they do is what
// their names say; GoTo documents it nowhere.
//
// +kubebuilder:validation:MinProperties=1
type MeetingSettings struct {
	// tollEnabled lets attendees dial in by numbers that cost them a call.
	// +optional
	TollEnabled *bool `json:"tollEnabled,omitempty"`

	// tollCountries are the countries that have such numbers, by ISO 3166 code. GoTo shows for each user which are allowed.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=256
	TollCountries []CountryCode `json:"tollCountries,omitempty"`

	// voipEnabled lets attendees use the audio of their computer.
	// +optional
	VoipEnabled *bool `json:"voipEnabled,omitempty"`

	// tollFreeEnabled lets attendees dial in by numbers that cost them nothing.
	// +optional
	TollFreeEnabled *bool `json:"tollFreeEnabled,omitempty"`

	// tollFreeCountries are the countries that have such numbers, by ISO 3166 code. GoTo shows for each user which are allowed.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=256
	TollFreeCountries []CountryCode `json:"tollFreeCountries,omitempty"`

	// dialOutEnabled lets a meeting call attendees.
	// +optional
	DialOutEnabled *bool `json:"dialOutEnabled,omitempty"`

	// dialOutCountries are the countries in which it may call, by ISO 3166 code. GoTo shows for each user which are allowed.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=256
	DialOutCountries []CountryCode `json:"dialOutCountries,omitempty"`

	// privateConfCallEnabled lets organizers use a conference call of their own.
	// +optional
	PrivateConfCallEnabled *bool `json:"privateConfCallEnabled,omitempty"`

	// attendeeListEnabled shows attendees who else is there.
	// +optional
	AttendeeListEnabled *bool `json:"attendeeListEnabled,omitempty"`

	// keyboardMouseControlEnabled lets an organizer give keyboard and mouse to somebody else.
	// +optional
	KeyboardMouseControlEnabled *bool `json:"keyboardMouseControlEnabled,omitempty"`

	// chatEnabled allows chat.
	// +optional
	ChatEnabled *bool `json:"chatEnabled,omitempty"`

	// recordingEnabled allows recording.
	// +optional
	RecordingEnabled *bool `json:"recordingEnabled,omitempty"`

	// webcamEnabled allows cameras.
	// +optional
	WebcamEnabled *bool `json:"webcamEnabled,omitempty"`

	// webViewerEnabled lets attendees join in a browser.
	// +optional
	WebViewerEnabled *bool `json:"webViewerEnabled,omitempty"`

	// onlineRecordingEnabled keeps recordings with GoTo.
	// +optional
	OnlineRecordingEnabled *bool `json:"onlineRecordingEnabled,omitempty"`

	// onlineRecordingTranscriptsEnabled makes transcripts of them.
	// +optional
	OnlineRecordingTranscriptsEnabled *bool `json:"onlineRecordingTranscriptsEnabled,omitempty"`

	// standaloneAudioEnabled allows conference calls without a meeting.
	// +optional
	StandaloneAudioEnabled *bool `json:"standaloneAudioEnabled,omitempty"`

	// openMeetingsEnabled lets a meeting begin without its organizer.
	// +optional
	OpenMeetingsEnabled *bool `json:"openMeetingsEnabled,omitempty"`

	// ux2019Enabled is the newer surface of the program.
	// +optional
	UX2019Enabled *bool `json:"ux2019Enabled,omitempty"`

	// meetingHubEnabled is the meeting hub.
	// +optional
	MeetingHubEnabled *bool `json:"meetingHubEnabled,omitempty"`

	// npaEnabled is GoTo's npaEnabled, of which the name is known and not the meaning.
	// +optional
	NPAEnabled *bool `json:"npaEnabled,omitempty"`

	// npaConfirmationDialogEnabled is GoTo's npaConfirmationDialogEnabled, likewise.
	// +optional
	NPAConfirmationDialogEnabled *bool `json:"npaConfirmationDialogEnabled,omitempty"`

	// npaSameAccountRestrictionEnabled is GoTo's npaSameAccountRestrictionEnabled, likewise.
	// +optional
	NPASameAccountRestrictionEnabled *bool `json:"npaSameAccountRestrictionEnabled,omitempty"`

	// roomSystemDualDisplayEnabled allows a room system two displays.
	// +optional
	RoomSystemDualDisplayEnabled *bool `json:"roomSystemDualDisplayEnabled,omitempty"`
}

// CountryCode is a country by its ISO 3166 code.
//
// +kubebuilder:validation:Pattern=`^[A-Z]{2}$`
// +kubebuilder:validation:MinLength=2
// +kubebuilder:validation:MaxLength=2
type CountryCode string

// SettingValue is the value of a setting: a boolean, a number, a string or a list of strings. It is kept as it was written.
//
// +kubebuilder:validation:Type=object
type SettingValue struct {
	// JSON is the text of the value.
	JSON string `json:"-"`
}

// NewSettingValue makes the value that JSON text says.
func NewSettingValue(text string) SettingValue { return SettingValue{text} }

// MarshalJSON returns the value as it was written.
func (v SettingValue) MarshalJSON() ([]byte, error) {
	if v.JSON == "" {
		return []byte("null"), nil
	}
	return []byte(v.JSON), nil
}

// UnmarshalJSON keeps any value: what it may be is for Value to say.
func (v *SettingValue) UnmarshalJSON(data []byte) error {
	v.JSON = string(data)
	return nil
}

// Value is a bool, float64, string or []string. Its error says that it is none of them.
func (v SettingValue) Value() (any, error) {
	var value any
	if err := json.Unmarshal([]byte(v.JSON), &value); err != nil {
		return nil, fmt.Errorf("not a value: %w", err)
	}
	switch value := value.(type) {
	case bool, float64, string:
		return value, nil
	case []any:
		return words(value)
	}
	return nil, fmt.Errorf("%s is neither a boolean, a number, a string nor a list of strings", v.JSON)
}

func words(list []any) ([]string, error) {
	out := make([]string, len(list))
	for i, item := range list {
		word, ok := item.(string)
		if !ok {
			return nil, fmt.Errorf("a list may hold strings alone, and not %v", item)
		}
		out[i] = word
	}
	return out, nil
}
