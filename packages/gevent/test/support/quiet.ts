/** How programs are run that are not about warnings: a busy machine holds greenlets, too. */
export const quiet = { flags: ["--disable-warning=CORDAGE_GEVENT_HELD"] };
