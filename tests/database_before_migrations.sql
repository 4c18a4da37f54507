BEGIN TRANSACTION;
CREATE TABLE chat_conversation (
	id VARCHAR(160) NOT NULL, 
	channel VARCHAR(32) NOT NULL, 
	language VARCHAR(8) NOT NULL, 
	created_at FLOAT NOT NULL, 
	generation INTEGER NOT NULL, 
	renewed_at FLOAT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "chat_conversation" VALUES('widget:old','widget','en',1.79603052472907185558e+09,1,1.79603052472907185558e+09);
CREATE TABLE chat_delivery (
	conversation VARCHAR(160) NOT NULL, 
	channel VARCHAR(32) NOT NULL, 
	reference TEXT NOT NULL, 
	seq INTEGER NOT NULL, 
	posts INTEGER NOT NULL, 
	PRIMARY KEY (conversation), 
	FOREIGN KEY(conversation) REFERENCES chat_conversation (id)
);
CREATE TABLE chat_message (
	conversation VARCHAR(160) NOT NULL, 
	seq INTEGER NOT NULL, 
	message_id VARCHAR(80), 
	state VARCHAR(16) NOT NULL, 
	payload VARCHAR(1000), 
	stored_at FLOAT NOT NULL, 
	document TEXT NOT NULL, 
	PRIMARY KEY (conversation, seq), 
	UNIQUE (conversation, message_id), 
	FOREIGN KEY(conversation) REFERENCES chat_conversation (id)
);
INSERT INTO "chat_message" VALUES('widget:old',1,'1','waiting',NULL,1.79603052474522066118e+09,'{"id": "1", "from": "person", "kind": "said", "language": "en", "text": "hello", "at": "2026-11-01T00:00:00+00:00"}');
CREATE TABLE chat_undelivered (
	conversation VARCHAR(160) NOT NULL, 
	seq INTEGER NOT NULL, 
	reason TEXT NOT NULL, 
	at FLOAT NOT NULL, 
	PRIMARY KEY (conversation, seq), 
	FOREIGN KEY(conversation) REFERENCES chat_conversation (id)
);
CREATE INDEX ix_chat_message_state ON chat_message (state);
CREATE INDEX ix_chat_delivery_channel ON chat_delivery (channel);
COMMIT;