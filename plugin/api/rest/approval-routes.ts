import {
  approvalDecideBody,
  approvalListRequest,
  approvalListResponse,
  approvalPath,
  approvalSchema,
} from '../../contract/api/approvals.ts'
import type { Route } from './route.ts'

/** The calls about approvals. */
export const APPROVAL_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/approvals',
    procedure: 'approvals.list',
    summary: 'Tool calls that wait for a person, or waited, newest first',
    input: { from: 'query', schema: approvalListRequest },
    status: 200,
    response: approvalListResponse,
    refusals: ['not_found'],
  },
  {
    method: 'POST',
    path: '/approvals/:id',
    procedure: 'approvals.decide',
    summary: 'Lets a tool call pass once, or not at all; its turn goes on',
    input: { from: 'path', schema: approvalPath, body: approvalDecideBody },
    status: 200,
    response: approvalSchema,
    refusals: ['approval_decided'],
  },
]
