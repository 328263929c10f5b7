/** The service in CommonJS. The tool's first line is the application's, unless a flag has started it already. */
const tool = require(`./tools/${process.env.CELL_TOOL}.cjs`)
if (process.env.CELL_START === 'application') tool.start()

const express = require('express')
const { OpenAI } = require('openai')
const { serveWithExpress } = require('./serve.cjs')

serveWithExpress(tool, express, OpenAI)
