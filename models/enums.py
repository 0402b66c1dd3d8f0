"""The closed lists of values, shared by tables, use cases and the GraphQL schema."""

from __future__ import annotations

from enum import StrEnum


class Locale(StrEnum):
    DE = "DE"
    EN = "EN"


class Role(StrEnum):
    OWNER = "OWNER"
    ADMIN = "ADMIN"
    EMPLOYEE = "EMPLOYEE"


class MemberStatus(StrEnum):
    INVITED = "INVITED"
    ACTIVE = "ACTIVE"
    DEACTIVATED = "DEACTIVATED"


class Permission(StrEnum):
    VIEW_ALL_ACCOUNTS = "VIEW_ALL_ACCOUNTS"
    MANAGE_ACCOUNTS = "MANAGE_ACCOUNTS"
    MANAGE_CONTACTS = "MANAGE_CONTACTS"
    MANAGE_PORTAL_ACCESS = "MANAGE_PORTAL_ACCESS"
    MANAGE_TAGS = "MANAGE_TAGS"
    MANAGE_CUSTOM_FIELDS = "MANAGE_CUSTOM_FIELDS"
    MANAGE_FOLDER_TEMPLATES = "MANAGE_FOLDER_TEMPLATES"
    IMPORT = "IMPORT"
    EXPORT = "EXPORT"
    MANAGE_MAIL = "MANAGE_MAIL"
    MANAGE_MEMBERS = "MANAGE_MEMBERS"
    MANAGE_FIRM = "MANAGE_FIRM"


class AccountType(StrEnum):
    INDIVIDUAL = "INDIVIDUAL"
    COMPANY = "COMPANY"
    OTHER = "OTHER"


class AccountStatus(StrEnum):
    ACTIVE = "ACTIVE"
    ARCHIVED = "ARCHIVED"


class CreatedVia(StrEnum):
    MEMBER = "MEMBER"
    IMPORT = "IMPORT"
    SIGN_UP = "SIGN_UP"


class PortalStatus(StrEnum):
    OFF = "OFF"
    NOT_INVITED = "NOT_INVITED"
    PENDING = "PENDING"
    ACTIVE = "ACTIVE"


class InvitationStatus(StrEnum):
    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


class DeliveryStatus(StrEnum):
    QUEUED = "QUEUED"
    SENT = "SENT"
    FAILED = "FAILED"


class FolderAccess(StrEnum):
    PRIVATE = "PRIVATE"
    VIEW = "VIEW"
    UPLOAD = "UPLOAD"


class PhoneType(StrEnum):
    MOBILE = "MOBILE"
    WORK = "WORK"
    HOME = "HOME"
    FAX = "FAX"
    OTHER = "OTHER"


class NotificationKind(StrEnum):
    CLIENT_ACTIVATED = "CLIENT_ACTIVATED"
    CLIENT_SIGNED_UP = "CLIENT_SIGNED_UP"
    INVITATION_BOUNCED = "INVITATION_BOUNCED"
    IMPORT_FINISHED = "IMPORT_FINISHED"
    EMAIL_RECEIVED = "EMAIL_RECEIVED"
    MEMBER_JOINED = "MEMBER_JOINED"
    MEMBER_DEACTIVATED = "MEMBER_DEACTIVATED"


class CustomFieldTarget(StrEnum):
    ACCOUNT = "ACCOUNT"
    CONTACT = "CONTACT"


class CustomFieldType(StrEnum):
    TEXT = "TEXT"
    NUMBER = "NUMBER"
    DATE = "DATE"
    CHECKBOX = "CHECKBOX"
    EMAIL = "EMAIL"
    PHONE = "PHONE"
    URL = "URL"
    SELECT = "SELECT"
    MULTI_SELECT = "MULTI_SELECT"
