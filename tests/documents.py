"""GraphQL documents that tests of several subjects send."""

from __future__ import annotations

UPDATE_ACCOUNT = """
mutation ($input: UpdateAccountInput!) {
  updateAccount(input: $input) {
    account { id name type companyName companyAddress { street } externalReference
              assignees { id } updatedAt }
    errors { path code message }
  }
}
"""
ARCHIVE_ACCOUNTS = """
mutation ($ids: [ID!]!) {
  archiveAccounts(ids: $ids) { accounts { id status portalStatus } errors { path code message } }
}
"""
RESTORE_ACCOUNTS = """
mutation ($ids: [ID!]!) {
  restoreAccounts(ids: $ids) { accounts { id status portalStatus } errors { path code message } }
}
"""
DELETE_ACCOUNT = """
mutation ($id: ID!) { deleteAccount(id: $id) { deletedId errors { path code message } } }
"""
CREATE_CONTACT = """
mutation ($input: CreateContactInput!) {
  createContact(input: $input) {
    contact { id name firstName lastName companyName email externalReference locale
              phones { number type } address { street city country } }
    errors { path code message }
  }
}
"""
UPDATE_CONTACT = """
mutation ($input: UpdateContactInput!) {
  updateContact(input: $input) {
    contact { id name firstName lastName companyName email externalReference
              phones { number type } address { street city country } }
    errors { path code message }
  }
}
"""
DELETE_CONTACT = """
mutation ($id: ID!) { deleteContact(id: $id) { deletedId errors { path code message } } }
"""
ADD_ACCOUNT_CONTACT = """
mutation ($input: AddAccountContactInput!) {
  addAccountContact(input: $input) {
    accountContact { id login notify sync portalStatus contact { id email }
                     account { id } invitation { id status message } }
    errors { path code message }
  }
}
"""
UPDATE_ACCOUNT_CONTACT = """
mutation ($input: UpdateAccountContactInput!) {
  updateAccountContact(input: $input) {
    accountContact { id login notify sync portalStatus invitation { id status message } }
    errors { path code message }
  }
}
"""
REMOVE_ACCOUNT_CONTACT = """
mutation ($id: ID!) { removeAccountContact(id: $id) { deletedId errors { path code message } } }
"""
SEND_INVITATIONS = """
mutation ($input: SendInvitationsInput!) {
  sendInvitations(input: $input) {
    invitations { id status sendCount message delivery expiresAt sentBy { email } }
    recipients { id portalStatus contact { email } }
    count
    errors { path code message }
  }
}
"""
REVOKE_INVITATIONS = """
mutation ($ids: [ID!]!) {
  revokeInvitations(ids: $ids) { invitations { id status } errors { path code message } }
}
"""
ACCOUNT = """
query ($id: ID!) {
  account(id: $id) {
    id number name type status portalStatus externalReference companyName createdVia
    companyAddress { street street2 postalCode city region country }
    assignees { id email } folders { name path access }
    contacts { totalCount nodes {
      id login notify sync portalStatus contact { id name email }
      invitation { id status sendCount delivery }
    } }
  }
}
"""
COUNTS = """
{ accounts { totalCount } contacts { totalCount } }
"""
VIEWER = """
{ viewer { ... on Member { id } ... on PortalUser {
    id email accounts { id name } currentAccount { id }
} } }
"""
SWITCH_ACCOUNT = """
mutation ($input: SwitchAccountInput!) {
  switchAccount(input: $input) {
    currentAccount { id } viewer { ... on PortalUser { currentAccount { id } } }
    errors { path code message }
  }
}
"""
