// The page around GraphiQL: the tabs it opens with, and who is signed in.
"use strict";

(() => {
  const { GraphiQL, createElement, createGraphiQLFetcher, createRoot, setNonce } = Vendored;
  const place = document.getElementById("playground");
  const who = document.getElementById("who");
  const signIn = document.getElementById("sign-in");
  const signOut = document.getElementById("sign-out");
  const endpoint = place.dataset.endpoint;

  const WHO = `{
    viewer {
      __typename
      ... on Member { email memberName: firstName memberLastName: lastName role }
      ... on PortalUser { email firstName lastName firm { name } currentAccount { name } }
    }
  }`;
  const FIRM = "{ firm { name } }";
  const SIGN_IN = `mutation ($input: SignInInput!) {
    signIn(input: $input) { errors { message } }
  }`;
  const SIGN_OUT = "mutation { signOut { errors { message } } }";

  // To the GraphQL endpoint, with the browser's own cookie. Rejects with a sentence for people.
  async function ask(query, variables) {
    const response = await fetch(endpoint, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = await response.json();
    if (errors) throw new Error(errors[0].message);
    const refused = Object.values(data)[0]?.errors?.[0];
    if (refused) throw new Error(refused.message);
    return data;
  }

  async function described() {
    const { viewer } = await ask(WHO);
    if (!viewer) return null;
    if (viewer.__typename === "Member") {
      const { firm } = await ask(FIRM);
      const name = `${viewer.memberName} ${viewer.memberLastName}`;
      return `Signed in as ${name} (${viewer.email}), ${viewer.role} of ${firm.name}`;
    }
    const name = [viewer.firstName, viewer.lastName].filter(Boolean).join(" ") || viewer.email;
    const account = viewer.currentAccount ? `, in the account “${viewer.currentAccount.name}”` : "";
    return `Signed in as ${name} (${viewer.email}), a client of ${viewer.firm.name}${account}`;
  }

  function tell(sentence, wrong) {
    who.textContent = sentence;
    who.classList.toggle("wrong", Boolean(wrong));
  }

  async function look() {
    try {
      const found = await described();
      tell(found ?? "Nobody is signed in.");
      signIn.hidden = found !== null;
      signOut.hidden = found === null;
    } catch (error) {
      tell(error.message, true);
    }
  }

  // Does it, and then shows who is signed in; or why it was not done.
  function looking(action) {
    return async (event) => {
      event.preventDefault();
      try {
        await action();
        await look();
      } catch (error) {
        tell(error.message, true);
      }
    };
  }

  signIn.addEventListener(
    "submit",
    looking(async () => {
      await ask(SIGN_IN, { input: Object.fromEntries(new FormData(signIn)) });
      signIn.reset();
    }),
  );
  signOut.addEventListener("click", looking(() => ask(SIGN_OUT)));

  const send = createGraphiQLFetcher({ url: endpoint });
  // A mutation may have signed somebody in or out.
  async function fetcher(parameters, options) {
    const result = await send(parameters, options);
    if (/\bmutation\b/.test(parameters.query)) look();
    return result;
  }

  const address = new URLSearchParams(location.search);
  const linked = address.get("query") || undefined;
  const variables = address.get("variables") || undefined;
  document.getElementById("linked").hidden = !linked;

  const tabs = JSON.parse(place.dataset.examples).map((query) => ({ query }));
  if (linked) tabs.unshift({ query: linked, variables });

  setNonce(document.querySelector("meta[name=style-nonce]").nonce);
  look();
  createRoot(place).render(
    createElement(GraphiQL, {
      fetcher,
      defaultTabs: tabs,
      query: linked,
      variables,
      // What is typed ends with the browser's tab: it may hold what is personal.
      storage: window.sessionStorage,
      shouldPersistHeaders: false,
      showPersistHeadersSettings: false,
    }),
  );
})();
