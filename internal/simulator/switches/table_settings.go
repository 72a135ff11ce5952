package switches

// settingsSwitches are those of the settings of users, for new users and of the account.
var settingsSwitches = []spec{
	choice("settingsPath", func(s *Switches) *string { return &s.SettingsPath }, "settings", "products"),
	choice("settingsVerb", func(s *Switches) *string { return &s.SettingsVerb }, "put", "patch", "post"),
	choice("settingsBody", func(s *Switches) *string { return &s.SettingsBody }, "flat", "wrapped", "wrappedOnly"),
	choice("settingsWrite", func(s *Switches) *string { return &s.SettingsWrite }, "merges", "replaces"),
	choice("multiKeySettings", func(s *Switches) *string { return &s.MultiKeySettings }, "allowed", "refused", "firstOnly"),
	choice("settingsStatus", func(s *Switches) *string { return &s.SettingsStatus }, "204", "200"),
	choice("settingsNotEntitled", func(s *Switches) *string { return &s.SettingsNotEntitled }, "refused", "ignored"),
	choice("accountSettings", func(s *Switches) *string { return &s.AccountSettings }, "newUsers", "allUsers"),
	choice("countryLists", func(s *Switches) *string { return &s.CountryLists }, "array", "envelope"),
}
