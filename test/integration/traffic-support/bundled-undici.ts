/**
 * To be imported before any npm undici. Whichever copy is loaded first provides the global dispatcher for all
 * of them, and the global fetch is meant to be served by Node's own; making a Response loads it.
 */
void new Response()
