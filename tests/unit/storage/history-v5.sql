BEGIN TRANSACTION;
CREATE TABLE batch_results (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	batch_id VARCHAR(32) NOT NULL, 
	number INTEGER NOT NULL, 
	custom_id TEXT NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	status_code INTEGER, 
	text TEXT NOT NULL, 
	input_tokens BIGINT NOT NULL, 
	output_tokens BIGINT NOT NULL, 
	cost BIGINT, 
	error_code TEXT NOT NULL, 
	error_message TEXT NOT NULL, 
	UNIQUE (batch_id, number)
);
INSERT INTO "batch_results" VALUES(1,'dddddddddddddddddddddddddddddddd',1,'row-1','done',200,'Yes',5,1,1000,'','');
CREATE TABLE batches (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(32) NOT NULL, 
	owner VARCHAR(200) NOT NULL, 
	base_url VARCHAR(500) NOT NULL, 
	remote_id VARCHAR(200), 
	status VARCHAR(20) NOT NULL, 
	holder VARCHAR(300) NOT NULL, 
	alive_until DATETIME, 
	body TEXT NOT NULL, 
	UNIQUE (id), 
	UNIQUE (owner, base_url, remote_id)
);
INSERT INTO "batches" VALUES(1,'dddddddddddddddddddddddddddddddd','local','https://api.openai.com/v1','batch_1','completed','',NULL,'{}');
CREATE TABLE blobs (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	owner VARCHAR(200) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	body TEXT NOT NULL, 
	UNIQUE (owner, digest)
);
INSERT INTO "blobs" VALUES(1,'local','25c166f8fe3d58329fcdbcc616bf1b700f49876c60e4c9efc85f5d4c9f09872d','data:image/png;base64,iVBORw0KGgoAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA');
CREATE TABLE conversations (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(32) NOT NULL, 
	owner VARCHAR(200) NOT NULL, 
	title TEXT NOT NULL, 
	leaf_id VARCHAR(32), 
	created_at DATETIME NOT NULL, 
	touched INTEGER NOT NULL, 
	deleted_at DATETIME, 
	UNIQUE (id)
);
INSERT INTO "conversations" VALUES(1,'9502471b94a9430784b1f9c636a7a0fa','local','한글 인사','88653c172398439a940f98c4857921c8','2026-11-26 17:59:24.963621',3,NULL);
CREATE TABLE declared_tools (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	owner VARCHAR(200) NOT NULL, 
	name VARCHAR(64) NOT NULL, 
	body TEXT NOT NULL, 
	UNIQUE (owner, name)
);
INSERT INTO "declared_tools" VALUES(1,'local','lookup','{}');
CREATE TABLE extracted_rows (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(32) NOT NULL, 
	owner VARCHAR(200) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	job_id VARCHAR(32) NOT NULL, 
	"key" VARCHAR(200) NOT NULL, 
	document TEXT NOT NULL, 
	text TEXT NOT NULL, 
	outcome VARCHAR(20) NOT NULL, 
	value TEXT NOT NULL, 
	problems TEXT NOT NULL, 
	expected TEXT NOT NULL, 
	run_id VARCHAR(32) NOT NULL, 
	edited BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	UNIQUE (id), 
	UNIQUE (job_id, "key")
);
INSERT INTO "extracted_rows" VALUES(1,'cccccccccccccccccccccccccccccccc','local','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','bad9e6c52b374306b701db8de4319cb1','0','invoice.txt','Total: 3','valid','{"total":3}','[]','null','fd58b7bbcc7140929c3dc0bebd3990d5',0,'2026-11-20 09:30:00.000000');
CREATE TABLE extractor_schemas (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(32) NOT NULL, 
	owner VARCHAR(200) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	body TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	UNIQUE (id), 
	UNIQUE (owner, digest)
);
INSERT INTO "extractor_schemas" VALUES(1,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','local','Invoice','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','{"type":"object"}','2026-11-20 09:30:00.000000');
CREATE TABLE mcp_servers (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	owner VARCHAR(200) NOT NULL, 
	address TEXT NOT NULL, 
	body TEXT NOT NULL
);
INSERT INTO "mcp_servers" VALUES(1,'local','http://127.0.0.1:9/mcp','{}');
CREATE TABLE messages (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(32) NOT NULL, 
	conversation_id VARCHAR(32) NOT NULL, 
	owner VARCHAR(200) NOT NULL, 
	parent_id VARCHAR(32), 
	role VARCHAR(20) NOT NULL, 
	text TEXT NOT NULL, 
	parts TEXT, 
	created_at DATETIME NOT NULL, 
	run_id VARCHAR(32), 
	pinned BOOLEAN NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	UNIQUE (id)
);
INSERT INTO "messages" VALUES(1,'06acdf3f7cc04f9b828b0b561ea0a78d','9502471b94a9430784b1f9c636a7a0fa','local',NULL,'user','한글로 인사해 줘',NULL,'2026-11-26 17:59:24.998853',NULL,0,0);
INSERT INTO "messages" VALUES(2,'88653c172398439a940f98c4857921c8','9502471b94a9430784b1f9c636a7a0fa','local','06acdf3f7cc04f9b828b0b561ea0a78d','assistant','안녕하세요! 무엇을 도와드릴까요?',NULL,'2026-11-26 17:59:25.030246','fd58b7bbcc7140929c3dc0bebd3990d5',0,0);
CREATE TABLE meta (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	"key" VARCHAR(40) NOT NULL, 
	value TEXT NOT NULL, 
	UNIQUE ("key")
);
INSERT INTO "meta" VALUES(1,'version','5');
INSERT INTO "meta" VALUES(2,'opened','2026-11-26T17:59:24.921139+00:00');
CREATE TABLE prompts (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(32) NOT NULL, 
	owner VARCHAR(200) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	body TEXT NOT NULL, 
	UNIQUE (id), 
	UNIQUE (owner, name)
);
INSERT INTO "prompts" VALUES(1,'8d48eb388da0403bb36944ffd9367f69','local','Summarise a text','{"name":"Summarise a text","description":"Three bullet points and one sentence on what was left out.","language":"en","messages":[{"role":"system","content":"You summarise texts for busy readers. Use only what the text says. Answer with exactly three bullet points, the most important first, then one sentence that begins with \"Left out:\"."},{"role":"user","content":"Summarise this text:\n\n{{text}}"}],"params":{"max_completion_tokens":400},"variables":{"text":"The city library will close its main hall from 3 March to 28 April to replace the heating, which dates from 1974. Loans continue at the branch in Mill Street, which opens an hour earlier, at 9 a.m., during that time. Books that are due while the hall is closed may be returned until 12 May without a fee. The children''s reading hour moves to the town museum and stays on Saturdays at 11 a.m. The work costs 1.2 million euros, of which the state pays 40 percent."}}');
CREATE TABLE run_events (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	run_id VARCHAR(32) NOT NULL, 
	owner VARCHAR(200) NOT NULL, 
	number INTEGER NOT NULL, 
	body BLOB NOT NULL, 
	UNIQUE (run_id, number)
);
INSERT INTO "run_events" VALUES(1,'fd58b7bbcc7140929c3dc0bebd3990d5','local',0,X'78018B8E36D051502A4ECD2B5102D2D5B54AB13A0AD1067AC6404E7246695E36583446292535A7243146C92A4629A634D9D4C422A634C9D0D4344609A6DE12A83E352F05A45A29361600F179170A');
CREATE TABLE runs (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(32) NOT NULL, 
	owner VARCHAR(200) NOT NULL, 
	capability VARCHAR(40) NOT NULL, 
	model VARCHAR(200) NOT NULL, 
	profile VARCHAR(200) NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	started_at DATETIME NOT NULL, 
	cost VARCHAR(40), 
	holder VARCHAR(300) NOT NULL, 
	alive_until DATETIME NOT NULL, 
	body TEXT NOT NULL, 
	wire TEXT NOT NULL, 
	UNIQUE (id)
);
INSERT INTO "runs" VALUES(1,'fd58b7bbcc7140929c3dc0bebd3990d5','local','chat','gpt-5.4-mini-2026-03-17','OpenAI','done','2026-11-20 09:30:00.000000','0.0000495','workstation/32238/00000000000000000000000000000000','2026-11-26 17:59:40.027474','{"capability":"chat","endpoint":"/chat/completions","params":{"stream":true,"model":"gpt-5.4-mini"},"profile":"OpenAI","base_url":"https://api.openai.com/v1","id":"fd58b7bbcc7140929c3dc0bebd3990d5","started_at":"2026-11-20T09:30:00Z","state":"done","text":"안녕하세요! 무엇을 도와드릴까요?","reasoning":"","refusal":"","finish_reason":"stop","model":"gpt-5.4-mini-2026-03-17","request_id":"req_1","status":200,"headers":{},"usage":{"input_tokens":12,"output_tokens":9,"cached_tokens":0,"cache_write_tokens":0,"reasoning_tokens":0,"image_tokens":0},"server_speed":null,"service_tier":null,"cost":{"amount":"0.0000495","basis":"gpt-5.4-mini","cache_savings":"0","list_amount":null,"estimated_amount":null},"first_token":0.31,"total":0.9,"attempts":[],"error":null,"note":"","response":null,"server_kind":"openai"}','{"params": {"model": "gpt-5.4-mini", "stream": true, "messages": [{"role": "user", "content": "한글로 인사해 줘"}]}, "response": {"id": "chatcmpl-1", "choices": [{"index": 0, "message": {"role": "assistant", "content": "안녕하세요! 무엇을 도와드릴까요?"}}]}}');
INSERT INTO "runs" VALUES(2,'7adde25a0d464287b90c5f4ecf17d155','local','vision','gpt-5.4','OpenAI','done','2026-11-20 09:30:00.000000','0.002','workstation/32238/00000000000000000000000000000000','2026-11-26 17:59:40.040645','{"capability":"vision","endpoint":"/chat/completions","params":{"model":"gpt-5.4"},"profile":"OpenAI","base_url":"https://api.openai.com/v1","id":"7adde25a0d464287b90c5f4ecf17d155","started_at":"2026-11-20T09:30:00Z","state":"done","text":"A chart.","reasoning":"","refusal":"","finish_reason":null,"model":"gpt-5.4","request_id":null,"status":null,"headers":{},"usage":{"input_tokens":800,"output_tokens":4,"cached_tokens":0,"cache_write_tokens":0,"reasoning_tokens":0,"image_tokens":0},"server_speed":null,"service_tier":null,"cost":{"amount":"0.002","basis":"gpt-5.4","cache_savings":"0","list_amount":null,"estimated_amount":null},"first_token":null,"total":1.2,"attempts":[],"error":null,"note":"","response":null,"server_kind":"openai"}','{"params": {"model": "gpt-5.4", "messages": [{"role": "user", "content": [{"type": "text", "text": "What is in this image?"}, {"type": "image_url", "image_url": {"url": "blob:25c166f8fe3d58329fcdbcc616bf1b700f49876c60e4c9efc85f5d4c9f09872d"}}]}]}, "response": {"id": "x"}}');
INSERT INTO "runs" VALUES(3,'039958e8dc1a4446848cabbe56490787','local','tokens','gpt-5.4','Local','failed','2026-11-20 09:30:00.000000',NULL,'workstation/32238/00000000000000000000000000000000','2026-11-26 17:59:40.042485','{"capability":"tokens","endpoint":"/responses/input_tokens","params":{"model":"gpt-5.4"},"profile":"Local","base_url":"http://127.0.0.1:9/v1","id":"039958e8dc1a4446848cabbe56490787","started_at":"2026-11-20T09:30:00Z","state":"failed","text":"","reasoning":"","refusal":"","finish_reason":null,"model":"","request_id":null,"status":null,"headers":{},"usage":null,"server_speed":null,"service_tier":null,"cost":null,"first_token":null,"total":0.01,"attempts":[],"error":{"title":"The server cannot be reached.","hint":"Start it.","detail":"Details","code":null,"status":null,"request_id":null,"retryable":false,"retry_after":null,"simulated":false},"note":"","response":null,"server_kind":null}','{"params": {"model": "gpt-5.4", "input": "count"}, "response": null}');
CREATE TABLE work_items (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	job_id VARCHAR(32) NOT NULL, 
	"key" VARCHAR(200) NOT NULL, 
	data TEXT NOT NULL, 
	priority INTEGER NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	run_id VARCHAR(32), 
	cost BIGINT NOT NULL, 
	tokens BIGINT NOT NULL, 
	UNIQUE (job_id, "key")
);
INSERT INTO "work_items" VALUES(1,'bad9e6c52b374306b701db8de4319cb1','0','{"document": 0}',0,'waiting',NULL,0,0);
INSERT INTO "work_items" VALUES(2,'bad9e6c52b374306b701db8de4319cb1','1','{"document": 1}',0,'waiting',NULL,0,0);
CREATE TABLE work_jobs (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(32) NOT NULL, 
	owner VARCHAR(200) NOT NULL, 
	capability VARCHAR(40) NOT NULL, 
	title TEXT NOT NULL, 
	profile_id VARCHAR(200) NOT NULL, 
	base_url TEXT NOT NULL, 
	model VARCHAR(200) NOT NULL, 
	max_cost BIGINT, 
	max_tokens BIGINT, 
	data TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	UNIQUE (id)
);
INSERT INTO "work_jobs" VALUES(1,'bad9e6c52b374306b701db8de4319cb1','local','extractor','Invoices','openai','https://api.openai.com/v1','gpt-5.4-mini',NULL,NULL,'{}','2026-11-26 17:59:25.061337');
CREATE INDEX ix_conversations_touched ON conversations (touched);
CREATE INDEX conversations_by_owner ON conversations (owner, touched);
CREATE INDEX ix_messages_conversation_id ON messages (conversation_id);
CREATE INDEX ix_messages_run_id ON messages (run_id);
CREATE INDEX ix_runs_state ON runs (state);
CREATE INDEX runs_by_owner ON runs (owner, capability);
CREATE INDEX work_jobs_by_owner ON work_jobs (owner, capability);
CREATE INDEX work_items_by_state ON work_items (job_id, state, priority DESC, seq);
CREATE INDEX extracted_rows_by_schema ON extracted_rows (owner, digest);
CREATE INDEX mcp_servers_by_owner ON mcp_servers (owner);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('meta',2);
INSERT INTO "sqlite_sequence" VALUES('conversations',1);
INSERT INTO "sqlite_sequence" VALUES('messages',2);
INSERT INTO "sqlite_sequence" VALUES('runs',3);
INSERT INTO "sqlite_sequence" VALUES('run_events',1);
INSERT INTO "sqlite_sequence" VALUES('blobs',1);
INSERT INTO "sqlite_sequence" VALUES('prompts',1);
INSERT INTO "sqlite_sequence" VALUES('work_jobs',1);
INSERT INTO "sqlite_sequence" VALUES('work_items',2);
INSERT INTO "sqlite_sequence" VALUES('extractor_schemas',1);
INSERT INTO "sqlite_sequence" VALUES('extracted_rows',1);
INSERT INTO "sqlite_sequence" VALUES('declared_tools',1);
INSERT INTO "sqlite_sequence" VALUES('mcp_servers',1);
INSERT INTO "sqlite_sequence" VALUES('batches',1);
INSERT INTO "sqlite_sequence" VALUES('batch_results',1);
COMMIT;
