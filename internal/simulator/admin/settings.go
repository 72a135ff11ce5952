package admin

import (
	"encoding/json"
	"strings"

	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// fullSettings are the settings of a user who has never been given any: names, types and numbers of countries as captured (L), about
// 2.2 KB of JSON. The values, and which countries there are, are a choice.
var fullSettings = json.RawMessage(wire.JSON(0, wire.Object{
	wire.M("G2M", meetingSettings()),
	wire.M("G2MFREE", flags("attendeeListEnabled chatEnabled", true)),
}).Body)

// meetingSettings are the settings of GoToMeeting. What is accessible is granted by licence or account, what is enabled is the choice (C).
func meetingSettings() wire.Object {
	here := []string{"US"}
	settings := flags("tollAccessible tollEnabled voipAccessible voipEnabled privateConfCallAccessible tollFreeAccessible tollFreeEnabled "+
		"dialOutAccessible dialOutEnabled attendeeListEnabled keyboardMouseControlEnabled chatEnabled recordingEnabled webcamEnabled "+
		"webViewerAccessible onlineRecordingAccessible onlineRecordingEnabled standaloneAudioAccessible standaloneAudioEnabled "+
		"openMeetingsAccessible openMeetingsEnabled ux2019Accessible ux2019Enabled meetingHubEnabled meetingHubAccessible npaEnabled "+
		"roomSystemDualDisplayEnabled", true)
	settings = append(settings, flags("privateConfCallEnabled webViewerEnabled onlineRecordingTranscriptsAccessible "+
		"onlineRecordingTranscriptsEnabled npaConfirmationDialogEnabled npaSameAccountRestrictionEnabled", false)...)
	return append(settings,
		wire.M("tollCountries", here), wire.M("allowedTollCountries", countries(34)),
		wire.M("tollFreeCountries", here), wire.M("allowedTollFreeCountries", countries(58)),
		wire.M("dialOutCountries", countries(61)), wire.M("allowedDialOutCountries", countries(61)))
}

func flags(names string, on bool) wire.Object {
	var o wire.Object
	for name := range strings.FieldsSeq(names) {
		o = append(o, wire.M(name, on))
	}
	return o
}

// countries returns the first n of some codes of ISO 3166.
func countries(n int) []string {
	return strings.Fields("US CA MX BR AR CL CO PE PA CR UY GB IE FR BE LU NL DE AT CH IT ES PT GR DK SE NO FI IS CZ SK PL HU RO BG HR SI EE LV LT " +
		"UA TR IL AE SA QA KW OM BH EG ZA IN PK CN HK TW JP KR SG MY TH PH")[:n]
}
