package integration_test

// countMeeting counts the reconciles of GoToMeetings.
func (w *world) countMeeting(string, int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.meetingReconciles++
}
