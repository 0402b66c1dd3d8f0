"""The tables. Rows are reached through this module (`models.Account`), so that no name clashes."""

from models.account_contacts import AccountContact
from models.accounts import Account, AccountAssignee
from models.audit import AuditEvent
from models.base import Base, FirmOwned
from models.contact_addresses import ContactAddress
from models.contacts import Contact, ContactAuthor, Phone
from models.custom_fields import (
    AccountFieldValue,
    ContactFieldValue,
    CustomField,
    CustomFieldOption,
)
from models.finding import AccountText, ContactText
from models.firms import Counter, Firm
from models.folder_templates import FolderTemplate, TemplateFolder
from models.folders import Folder
from models.idempotency import IdempotencyKey
from models.invitations import Invitation
from models.mails import Mail
from models.member_invitations import MemberInvitation
from models.members import Member
from models.notification_preferences import NotificationPreference
from models.notifications import Notification
from models.password_resets import PasswordReset
from models.portal_users import PortalUser
from models.sessions import Session
from models.sign_ups import SignUp
from models.tags import AccountTag, ContactTag, Tag
from models.throttles import Throttle

__all__ = [
    "Account",
    "AccountAssignee",
    "AccountContact",
    "AccountFieldValue",
    "AccountTag",
    "AccountText",
    "AuditEvent",
    "Base",
    "Contact",
    "ContactAddress",
    "ContactAuthor",
    "ContactFieldValue",
    "ContactTag",
    "ContactText",
    "Counter",
    "CustomField",
    "CustomFieldOption",
    "Firm",
    "FirmOwned",
    "Folder",
    "FolderTemplate",
    "IdempotencyKey",
    "Invitation",
    "Mail",
    "Member",
    "MemberInvitation",
    "Notification",
    "NotificationPreference",
    "PasswordReset",
    "Phone",
    "PortalUser",
    "Session",
    "SignUp",
    "Tag",
    "TemplateFolder",
    "Throttle",
]
