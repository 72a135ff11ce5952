// Package sheet writes and reads spreadsheets (.xlsx) of one table, in memory. It knows nothing of reports and imports nothing of
// this module. Equal tables are written as equal bytes. What is read is bounded before it is unpacked.
package sheet
