// Package report is what a report of an account holds, where it is read from, and how it is written: as a spreadsheet, CSV or JSON.
// A [Source] reads it, from the GoToMeeting API ([FromMeetings]) or from the Administration API ([FromAdministration]); [Encode]
// writes the rows; an [Order] has both done. A [Range] is its days, as people say them.
//
// Columns are this project's choice, since nobody has shown those of the service (U); what the Administration API sends has its
// own, and is passed on as it came.
//
// The package imports the client of GoTo and, in the room sheet, a library for spreadsheets. It knows nothing of Kubernetes and may
// not import anything of k8s.io, sigs.k8s.io, this module's api packages, or what is above the client. It keeps nothing on disk: a
// report is personal data.
package report
