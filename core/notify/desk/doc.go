// Package desk is the pages of core/notify and its declaration as a service:
// the log of what was sent and received, the settings of each message, the STOP
// list, the calls of SMS providers.
//
// For whom: administrators and managers, who see what could not be delivered
// and send it again; the integrator who reads the same by the API. It is apart
// from core/notify because core/service imports that one.
//
// Routes: /bureau/messages and below (territory); /webhooks/sms/{provider}/{token}
// (instance, secret in the path, no other proof: most providers sign nothing).
// Rights: notify.read (admin, manager), notify.settings (admin).
// Tables and events: those of core/notify.
package desk
