/** They run in virtual time: how long one really takes tells how busy the machine is, and fails none. */
jest.setTimeout(60_000);
