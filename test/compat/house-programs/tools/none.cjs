/** No tool: a flag did it all, or there is none. */
module.exports = {}
